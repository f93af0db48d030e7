/// The distinct values of one field of a query's boxes, numbered from 1; 0 stands for no restriction.
struct Column<Value: Hashable> {
    private var numbers: [Value: UInt32] = [:]
    private var last: (value: Value, number: UInt32)?
    /// The values, in the order of their numbers.
    private(set) var values: [Value] = []

    init() {}

    /// The number of a value; most fields of most boxes have none.
    @inline(__always)
    mutating func number(of value: Value?) -> UInt32 {
        guard let value else { return 0 }
        return number(ofRestriction: value)
    }

    private mutating func number(ofRestriction value: Value) -> UInt32 {
        if let last, last.value == value { return last.number }
        let next = UInt32(values.count) + 1
        let number = Self.kept(&numbers[value, default: next])
        if number == next { values.append(value) }
        last = (value, number)
        return number
    }

    /// The number of a value that is there, or the next, which is kept: so a value is looked for once.
    private static func kept(_ number: inout UInt32) -> UInt32 { number }
}
