/// A block of numbers that share their first bits: `value` with all bits behind the first `length` zero.
public struct PrefixBlock<Value: FixedWidthInteger & UnsignedInteger & Sendable>: Hashable, Sendable {
    /// The first number.
    public let value: Value
    /// How many bits are shared, from 0 to the width of the type.
    public let length: Int

    /// A block; bits behind the length are cleared.
    @inlinable public init(_ value: Value, length: Int) {
        self.value = value & Self.mask(length)
        self.length = length
    }

    /// The first `length` bits of a number.
    @inlinable public static func mask(_ length: Int) -> Value {
        length == 0 ? 0 : Value.max << Value(Value.bitWidth - length)
    }

    /// All numbers of the block.
    @inlinable public var range: ClosedRange<Value> { value...(value | ~Self.mask(length)) }
}

extension ClosedRange where Bound: FixedWidthInteger & UnsignedInteger & Sendable {
    /// The fewest blocks that are exactly this range, ascending: at most two of each length.
    @inlinable public var prefixBlocks: [PrefixBlock<Bound>] {
        if lowerBound == upperBound { return [PrefixBlock(lowerBound, length: Bound.bitWidth)] }
        var blocks: [PrefixBlock<Bound>] = []
        var next = lowerBound
        while true {
            let aligned = next == 0 ? Bound.bitWidth : next.trailingZeroBitCount
            let left = upperBound - next
            // 2^free numbers fit if the rest has as many.
            let free = left == .max ? Bound.bitWidth : Bound.bitWidth - 1 - (left + 1).leadingZeroBitCount
            let block = PrefixBlock(next, length: Bound.bitWidth - Swift.min(aligned, free))
            blocks.append(block)
            let last = block.range.upperBound
            if last >= upperBound { return blocks }
            next = last + 1
        }
    }
}

extension IPAddressRange {
    /// The fewest networks that are exactly the range, ascending.
    public var prefixes: [IPPrefix] {
        if let prefix { return [prefix] }
        switch self {
        case .v4(let range): return range.prefixBlocks.compactMap { IPPrefix(.v4($0.value), length: $0.length) }
        case .v6(let range): return range.prefixBlocks.compactMap { IPPrefix(.v6($0.value), length: $0.length) }
        }
    }
}
