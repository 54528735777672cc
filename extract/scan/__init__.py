"""Pages from pictures: scans, photos, and PDF pages whose text cannot be used. Needs the extra `ocr`."""
