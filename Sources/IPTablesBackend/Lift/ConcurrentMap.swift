internal import Dispatch

/// Does the same for many numbers, on several processors where there are enough of them.
enum ConcurrentMap {
    /// What a function says of 0 and the numbers below `count`, in their order.
    static func run<Value: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Value) -> [Value] {
        guard count >= 2 * least else { return (0..<count).map(body) }
        let parts = (count + least - 1) / least
        return [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
            // Each number is written once, by the part that it belongs to.
            nonisolated(unsafe) let places = buffer
            DispatchQueue.concurrentPerform(iterations: parts) { part in
                for index in (part * least)..<min(count, (part + 1) * least) {
                    places.initializeElement(at: index, to: body(index))
                }
            }
            initialized = count
        }
    }

    /// Fewer are not worth a thread.
    private static let least = 1024
}
