"""A reverse proxy and load balancer: requests in at one side, out at the other, and all that can go
wrong between the two. It speaks HTTP/1.1 both ways, with the codec of that topic."""
