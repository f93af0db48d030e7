internal import PacketModel

/// The classes of a field that is asked by mask: values that no test tells apart.
///
/// A class is what a combination of answers leaves; only combinations that some value gives are kept, each with such a value.
struct MaskClasses<Value: FixedWidthInteger & UnsignedInteger & Sendable> {
    /// A value of each class.
    private(set) var representatives: [Value] = [0]
    /// The tests that tell the classes apart, none of them negated.
    private(set) var tests: [MaskedTest<Value>] = []
    /// Whether there were more classes than can be told apart here.
    private(set) var isExhausted = false

    /// The largest number of classes.
    static var limit: Int { 1 << 14 }

    /// The classes of some tests; the values in `preferred` are taken as representatives where they can be.
    init(_ tests: some Collection<MaskedTest<Value>>, preferred: [Value] = []) {
        var classes = [Constraint()]
        self.tests = Set(tests.map { MaskedTest(mask: $0.mask, value: $0.value) }).sorted(by: Self.order)
        for test in self.tests {
            classes = classes.flatMap { $0.split(by: test) }
            if classes.count > Self.limit {
                isExhausted = true
                return
            }
        }
        representatives = classes.map { one in preferred.first(where: one.allows) ?? one.example ?? 0 }
    }

    private static func order(_ a: MaskedTest<Value>, _ b: MaskedTest<Value>) -> Bool {
        (a.mask, a.value) < (b.mask, b.value)
    }

    /// The classes whose values pass all tests of a list.
    func atoms(passing tests: [MaskedTest<Value>]) -> AtomIntervals {
        AtomSets.merged(
            representatives.indices.filter { index in tests.allSatisfy { $0.matches(representatives[index]) } }.map {
                UInt32($0)...UInt32($0)
            })
    }

    /// The class of a value, by its answers to the tests.
    func atom(of value: Value) -> UInt32 {
        let answers = tests.map { $0.matches(value) }
        let index = representatives.firstIndex { representative in
            tests.elementsEqual(answers) { $0.matches(representative) == $1 }
        }
        return UInt32(index ?? 0)
    }

    /// Bits that are fixed, and combinations of bits that are excluded.
    private struct Constraint {
        var mask: Value = 0
        var value: Value = 0
        var excluded: [MaskedTest<Value>] = []

        func split(by test: MaskedTest<Value>) -> [Constraint] {
            var parts: [Constraint] = []
            if test.value & ~test.mask == 0, (value ^ test.value) & mask & test.mask == 0 {
                var inside = self
                inside.mask |= test.mask
                inside.value |= test.value
                if inside.example != nil { parts.append(inside) }
            }
            var outside = self
            outside.excluded.append(test)
            if outside.example != nil { parts.append(outside) }
            return parts
        }

        func allows(_ candidate: Value) -> Bool {
            candidate & mask == value && !excluded.contains { $0.matches(candidate) }
        }

        /// A value that is allowed; found by freeing one bit after the other of each exclusion.
        var example: Value? { search(mask: mask, value: value, from: 0) }

        private func search(mask: Value, value: Value, from index: Int) -> Value? {
            guard index < excluded.count else { return value }
            let test = excluded[index]
            // Excluded by a bit that is fixed already, or by a value outside of its own mask.
            if test.value & ~test.mask != 0 || (value ^ test.value) & mask & test.mask != 0 {
                return search(mask: mask, value: value, from: index + 1)
            }
            var free = test.mask & ~mask
            while free != 0 {
                let bit = free & (~free &+ 1)
                free &= ~bit
                if let found = search(mask: mask | bit, value: value | (~test.value & bit), from: index + 1) {
                    return found
                }
            }
            return nil
        }
    }
}
