module cached

go 1.21
