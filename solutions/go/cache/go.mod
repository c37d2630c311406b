module cutaway/solutions/cache

go 1.24
