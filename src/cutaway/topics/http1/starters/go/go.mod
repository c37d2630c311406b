module http1

go 1.21
