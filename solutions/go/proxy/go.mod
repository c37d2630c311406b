module cutaway/solutions/proxy

go 1.24
