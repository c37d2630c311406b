module real

go 1.24
