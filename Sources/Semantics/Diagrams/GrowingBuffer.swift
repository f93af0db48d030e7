/// An array of trivial values that grows, without the checks of `Array`: the memory of the diagrams.
struct GrowingBuffer<Element: BitwiseCopyable>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    /// How many elements there are.
    private(set) var count = 0

    /// An empty buffer with room for some elements.
    init(capacity: Int) {
        base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    /// The element at an index, which has to be below `count`.
    subscript(index: Int) -> Element {
        @inline(__always) get { base[index] }
        @inline(__always) set { base[index] = newValue }
    }

    /// The memory from an element on; good until the next `append`.
    @inline(__always)
    func pointer(at index: Int) -> UnsafePointer<Element> { UnsafePointer(base + index) }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { grow() }
        base[count] = element
        count &+= 1
    }

    /// Appends elements that stand elsewhere.
    mutating func append(from source: UnsafePointer<Element>, count added: Int) {
        while count &+ added > capacity { grow() }
        (base + count).update(from: source, count: added)
        count &+= added
    }

    /// Forgets all elements from an index on.
    @inline(__always)
    mutating func truncate(to newCount: Int) { count = newCount }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
        capacity *= 2
    }
}
