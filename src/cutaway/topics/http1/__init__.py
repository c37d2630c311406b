"""HTTP/1.1: requests and answers on one stream of bytes."""
