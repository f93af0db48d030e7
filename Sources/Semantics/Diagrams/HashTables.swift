/// The table of all nodes by their hash: open addressing, at most half full.
struct UniqueTable: ~Copyable {
    /// The hash in the upper half, the node's number + 1 in the lower; 0 is a free slot.
    private var slots: UnsafeMutablePointer<UInt64>
    private var mask: Int
    private var count = 0

    init(capacity: Int) {
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: 0, count: capacity)
        mask = capacity - 1
    }

    deinit { slots.deallocate() }

    @inline(__always)
    func firstSlot(_ hash: UInt32) -> Int { Int(hash) & mask }
    @inline(__always)
    func next(_ slot: Int) -> Int { (slot &+ 1) & mask }

    /// What stands in a slot.
    @inline(__always)
    func candidate(at slot: Int) -> (node: Int, hash: UInt32)? {
        let value = slots[slot]
        return value == 0
            ? nil : (Int(UInt32(truncatingIfNeeded: value)) &- 1, UInt32(truncatingIfNeeded: value >> 32))
    }

    mutating func insert(node: Int, hash: UInt32, at slot: Int) {
        slots[slot] = UInt64(hash) << 32 | UInt64(node &+ 1)
        count &+= 1
        if count &* 2 > mask { grow() }
    }

    private mutating func grow() {
        let old = slots
        let oldCapacity = mask + 1
        let capacity = oldCapacity * 2
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: 0, count: capacity)
        mask = capacity - 1
        for index in 0..<oldCapacity where old[index] != 0 {
            var slot = firstSlot(UInt32(truncatingIfNeeded: old[index] >> 32))
            while slots[slot] != 0 { slot = next(slot) }
            slots[slot] = old[index]
        }
        old.deallocate()
    }
}

/// Results of an operation on two diagrams and a small number; one that is lost is computed again.
struct OperationCache: ~Copyable {
    private struct Entry: BitwiseCopyable {
        var a: UInt32
        var b: UInt32
        var tag: UInt32
        var result: UInt32
    }

    private var entries: UnsafeMutablePointer<Entry>
    private var mask: Int
    private var misses = 0
    private static let free = Entry(a: .max, b: .max, tag: .max, result: 0)

    init(capacity: Int) {
        entries = .allocate(capacity: capacity)
        entries.initialize(repeating: Self.free, count: capacity)
        mask = capacity - 1
    }

    deinit { entries.deallocate() }

    @inline(__always)
    private func slot(_ a: UInt32, _ b: UInt32, _ tag: UInt32) -> Int {
        let key = (UInt64(a) << 32 | UInt64(b)) &+ UInt64(tag) &* 0x9e37_79b9_7f4a_7c15
        let hash = key &* 0xff51_afd7_ed55_8ccd
        return Int(truncatingIfNeeded: hash >> 32) & mask
    }

    @inline(__always)
    func result(_ a: Diagram, _ b: Diagram, _ tag: UInt32) -> Diagram? {
        let entry = entries[slot(a.raw, b.raw, tag)]
        guard entry.a == a.raw, entry.b == b.raw, entry.tag == tag else { return nil }
        return Diagram(raw: entry.result)
    }

    @inline(__always)
    mutating func remember(_ a: Diagram, _ b: Diagram, _ tag: UInt32, _ result: Diagram) {
        misses &+= 1
        if misses > mask && mask < 1 << 23 { grow() }
        entries[slot(a.raw, b.raw, tag)] = Entry(a: a.raw, b: b.raw, tag: tag, result: result.raw)
    }

    private mutating func grow() {
        let old = entries
        let oldCapacity = mask + 1
        let capacity = oldCapacity * 4
        entries = .allocate(capacity: capacity)
        entries.initialize(repeating: Self.free, count: capacity)
        mask = capacity - 1
        misses = 0
        for index in 0..<oldCapacity where old[index].tag != .max {
            let entry = old[index]
            entries[slot(entry.a, entry.b, entry.tag)] = entry
        }
        old.deallocate()
    }
}
