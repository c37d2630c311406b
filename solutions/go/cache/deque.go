package main

const dequeItemCost = 24 // a slice's header; the octets are counted apart

// A deque is a list in a ring, so that both ends are cheap and any place is
// one addition away.
type deque struct {
	ring   [][]byte // its length is a power of two
	first  int
	length int
	octets int64
}

func newDeque() *deque { return &deque{} }

func (d *deque) kind() string { return "list" }
func (d *deque) empty() bool  { return d.length == 0 }
func (d *deque) size() int64  { return d.octets + int64(len(d.ring))*dequeItemCost }

func (d *deque) slot(i int) *[]byte { return &d.ring[(d.first+i)&(len(d.ring)-1)] }
func (d *deque) at(i int) []byte    { return *d.slot(i) }

func (d *deque) set(i int, value []byte) {
	slot := d.slot(i)
	d.octets += int64(len(value) - len(*slot))
	*slot = value
}

func (d *deque) pushBack(value []byte) {
	if d.length == len(d.ring) {
		d.resize(max(4, 2*d.length))
	}
	d.length++
	d.octets += int64(len(value))
	*d.slot(d.length - 1) = value
}

func (d *deque) pushFront(value []byte) {
	if d.length == len(d.ring) {
		d.resize(max(4, 2*d.length))
	}
	d.first = (d.first - 1) & (len(d.ring) - 1)
	d.length++
	d.octets += int64(len(value))
	*d.slot(0) = value
}

func (d *deque) popFront() []byte {
	value := d.at(0)
	*d.slot(0) = nil
	d.first = (d.first + 1) & (len(d.ring) - 1)
	d.shrank(value)
	return value
}

func (d *deque) popBack() []byte {
	value := d.at(d.length - 1)
	*d.slot(d.length - 1) = nil
	d.shrank(value)
	return value
}

func (d *deque) shrank(value []byte) {
	d.length--
	d.octets -= int64(len(value))
	if len(d.ring) > 16 && d.length <= len(d.ring)/4 {
		d.resize(len(d.ring) / 2)
	}
}

func (d *deque) resize(size int) {
	ring := make([][]byte, size)
	for i := range d.length {
		ring[i] = d.at(i)
	}
	d.ring, d.first = ring, 0
}

// keepIf keeps what a function says, in order.
func (d *deque) keepIf(wanted func([]byte) bool) {
	kept := newDeque()
	for i := range d.length {
		if value := d.at(i); wanted(value) {
			kept.pushBack(value)
		}
	}
	*d = *kept
}
