
net
xy"Conv