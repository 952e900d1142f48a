#!/bin/sh
# The director of a shop, as it was set up by hand.
VIP=10.9.0.50   # moves by hand
RIPS="10.9.0.60 10.9.0.61"
IPVSADM=${IPVSADM:-ipvsadm}

[ -x /sbin/ifconfig ] || echo "no ifconfig"
usage() {
	echo "usage: $0 start|stop"
}
table() {
	$IPVSADM -C
	# The shop
	$IPVSADM -At $VIP:80 -s wrr -p 50
	for rip in $RIPS; do
		$IPVSADM -at ${VIP}:80 -r $rip:80 \
			-g -w 2
	done
	# Everything that is marked
	$IPVSADM -A -f 99 -s rr -p
	$IPVSADM -a -f 99 -r 10.9.0.60 -g; $IPVSADM -a -f 99 -r 10.9.0.61 -g -w 3
	$IPVSADM -A -u "$VIP":53
	$IPVSADM -a -u $VIP:53 -r 10.9.0.62:5353 -m
	$IPVSADM -a -u $VIP:53 -r 10.9.0.62:5353 -m 2>/dev/null
	$IPVSADM -R <<EOF
-A -t 10.9.0.51:25 -s sh -b sh-port
-a -t 10.9.0.51:25 -r 10.9.0.63:25 -i -w 5
EOF
	$IPVSADM -A -t 10.9.0.52:80 && $IPVSADM -D -t 10.9.0.52:80
	$IPVSADM -Ln
}
case "${1:-start}" in
start)
	table
	;;
stop)
	$IPVSADM -C
	;;
*)
	usage
	exit 1
	;;
esac
