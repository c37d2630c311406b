module cutaway/solutions/http1

go 1.24
