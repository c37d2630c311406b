module tcp

go 1.21
