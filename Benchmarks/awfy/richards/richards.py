# Martin Richards' simulation of an operating system's kernel: six tasks pass packets to each other.

import sys

IDLER, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(6)
DEVICE, WORK = "device", "work"
DATA_SIZE = 4


class Packet:
    def __init__(self, link, identity, kind):
        self.link = link
        self.identity = identity
        self.kind = kind
        self.datum = 0
        self.data = [0] * DATA_SIZE


def append(packet, queue):
    """The queue with the packet at its end."""
    packet.link = None
    if not queue:
        return packet
    last = queue
    while last.link:
        last = last.link
    last.link = packet
    return queue


class Task:
    def __init__(self, link, identity, priority, input, running, act):
        self.link = link
        self.identity = identity
        self.priority = priority
        self.input = input
        self.packet_pending = input is not None
        self.waiting = not running
        self.holding = False
        self.act = act

    def is_holding_or_waiting(self):
        return self.holding or (not self.packet_pending and self.waiting)

    def is_waiting_with_packet(self):
        return self.packet_pending and self.waiting and not self.holding

    def take_packet(self):
        message = self.input
        self.input = message.link
        self.packet_pending = self.input is not None
        self.waiting = False
        self.holding = False
        return message

    def run(self):
        """Answers which task is next."""
        return self.act(self.take_packet() if self.is_waiting_with_packet() else None)

    def add_input(self, packet, current):
        """Answers who goes on: the receiver, if it is more urgent."""
        if not self.input:
            self.input = packet
            self.packet_pending = True
            if self.priority > current.priority:
                return self
        else:
            self.input = append(packet, self.input)
        return current


class Scheduler:
    def __init__(self):
        self.tasks = None
        self.current = None
        self.current_identity = 0
        self.table = [None] * 6
        self.queued = 0
        self.held = 0

    def hold(self):
        self.held += 1
        self.current.holding = True
        return self.current.link

    def wait(self):
        self.current.waiting = True
        return self.current

    def release(self, identity):
        task = self.table[identity]
        task.holding = False
        return task if task.priority > self.current.priority else self.current

    def queue_packet(self, packet):
        task = self.table[packet.identity]
        self.queued += 1
        packet.link = None
        packet.identity = self.current_identity
        return task.add_input(packet, self.current)

    def schedule(self):
        self.current = self.tasks
        while self.current:
            task = self.current
            if task.is_holding_or_waiting():
                self.current = task.link
            else:
                self.current_identity = task.identity
                self.current = task.run()

    def add_task(self, identity, priority, input, running, act):
        self.tasks = Task(self.tasks, identity, priority, input, running, act)
        self.table[identity] = self.tasks

    # What the tasks do. Each has its data in its closure.

    def add_idler(self):
        control = 1
        count = 10_000

        def act(_):
            nonlocal control, count
            count -= 1
            if count == 0:
                return self.hold()
            if control & 1 == 0:
                control //= 2
                return self.release(DEVICE_A)
            control = (control // 2) ^ 53256
            return self.release(DEVICE_B)

        self.add_task(IDLER, 0, None, True, act)

    def add_worker(self, input):
        destination = HANDLER_A
        count = 0

        def act(packet):
            nonlocal destination, count
            if not packet:
                return self.wait()
            destination = HANDLER_B if destination == HANDLER_A else HANDLER_A
            packet.identity = destination
            packet.datum = 0
            for i in range(DATA_SIZE):
                count += 1
                if count > 26:
                    count = 1
                packet.data[i] = 64 + count
            return self.queue_packet(packet)

        self.add_task(WORKER, 1000, input, False, act)

    def add_handler(self, identity, priority, input):
        work_in = None
        device_in = None

        def act(work):
            nonlocal work_in, device_in
            if work:
                if work.kind == WORK:
                    work_in = append(work, work_in)
                else:
                    device_in = append(work, device_in)
            packet = work_in
            if not packet:
                return self.wait()
            count = packet.datum
            if count >= DATA_SIZE:
                work_in = packet.link
                return self.queue_packet(packet)
            device = device_in
            if not device:
                return self.wait()
            device_in = device.link
            device.datum = packet.data[count]
            packet.datum = count + 1
            return self.queue_packet(device)

        self.add_task(identity, priority, input, False, act)

    def add_device(self, identity, priority):
        pending = None

        def act(work):
            nonlocal pending
            if work:
                pending = work
                return self.hold()
            packet = pending
            if not packet:
                return self.wait()
            pending = None
            return self.queue_packet(packet)

        self.add_task(identity, priority, None, False, act)


def device_packets(identity):
    queue = None
    for _ in range(3):
        queue = Packet(queue, identity, DEVICE)
    return queue


def richards():
    """How many packets were queued, and how often a task was held."""
    s = Scheduler()
    s.add_idler()
    s.add_worker(Packet(Packet(None, WORKER, WORK), WORKER, WORK))
    s.add_handler(HANDLER_A, 2000, device_packets(DEVICE_A))
    s.add_handler(HANDLER_B, 3000, device_packets(DEVICE_B))
    s.add_device(DEVICE_A, 4000)
    s.add_device(DEVICE_B, 5000)
    s.schedule()
    return s.queued, s.held


def main(iterations=1, inner=1):
    for _ in range(iterations * inner):
        assert richards() == (23246, 9297)
    print("Richards verified")


main(*map(int, sys.argv[1:]))
