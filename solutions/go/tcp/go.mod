module cutaway/solutions/tcp

go 1.21
