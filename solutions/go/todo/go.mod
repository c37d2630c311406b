module cutaway/solutions/todo

go 1.24
