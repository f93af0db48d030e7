/// The distinct values of one field of a query's boxes, numbered from 1; 0 stands for no restriction.
struct Column<Value: Hashable> {
    private var numbers: [Value: UInt32] = [:]
    private var last: (value: Value, number: UInt32)?
    /// The values, in the order of their numbers.
    private(set) var values: [Value] = []

    init() {}

    /// The number of a value.
    mutating func number(of value: Value?) -> UInt32 {
        guard let value else { return 0 }
        if let last, last.value == value { return last.number }
        let number: UInt32
        if let known = numbers[value] {
            number = known
        } else {
            values.append(value)
            number = UInt32(values.count)
            numbers[value] = number
        }
        last = (value, number)
        return number
    }
}
