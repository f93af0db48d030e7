internal import FirewallIR
internal import PacketModel

/// What the register of a match is compared with, and how.
struct NFTComparison {
    let op: NFTOperator
    let right: NFTValue

    init(_ op: NFTOperator, _ right: NFTValue) {
        self.op = op
        self.right = right
    }

    /// Whether the values on the right are those that do not match.
    var isNegated: Bool {
        get throws(LiftRefusal) {
            switch op {
            case .equal: return false
            case .notEqual: return true
            case .less, .lessOrEqual, .greater, .greaterOrEqual, .anyOf, .noneOf:
                throw LiftRefusal("'\(op.rawValue)' with '\(right.text)' is not known here")
            }
        }
    }

    /// The numbers that match; words stand for some of them.
    func numbers<Value: FixedWidthInteger & UnsignedInteger>(
        _ number: (String) -> Value? = { _ in nil }
    ) throws(LiftRefusal) -> IntervalSet<Value> {
        if let ordered: IntervalSet<Value> = try ordered(number) { return ordered }
        let isNegated = try isNegated
        let set = try IntervalSet(right.elements, number)
        return isNegated ? set.complement : set
    }

    /// The numbers below or above another; `nil` if that is not asked.
    private func ordered<Value: FixedWidthInteger & UnsignedInteger>(
        _ number: (String) -> Value?
    ) throws(LiftRefusal) -> IntervalSet<Value>? {
        guard [.less, .lessOrEqual, .greater, .greaterOrEqual].contains(op) else { return nil }
        guard let limit: Value = try IntervalSet(right.elements, number).single else {
            throw LiftRefusal("'\(op.rawValue)' with '\(right.text)' is not known here")
        }
        switch op {
        case .less: return limit == 0 ? IntervalSet<Value>.none : IntervalSet([0...limit - 1])
        case .lessOrEqual: return IntervalSet([0...limit])
        case .greater: return limit == .max ? IntervalSet<Value>.none : IntervalSet([limit + 1...(.max)])
        default: return IntervalSet([limit...(.max)])
        }
    }

    /// The same with the elements of a named set in the place of its name.
    func resolved(_ sets: LiftedSets) throws(LiftRefusal) -> NFTComparison {
        guard case .named(let name) = right else { return self }
        return NFTComparison(op, .set(try sets.elements(name)))
    }

    /// The same for addresses whose first bits are looked for: networks in the place of their first addresses.
    ///
    /// An address with other bits is never found.
    func ofNetworks(_ length: Int) throws(LiftRefusal) -> NFTComparison {
        var networks: [NFTValue] = []
        networks.reserveCapacity(right.elements.count)
        for element in right.elements {
            guard case .address(let address) = element else {
                throw LiftRefusal("'\(element.text)' is no address, as behind a mask it has to be")
            }
            guard let network = IPPrefix(address, length: length) else { continue }
            networks.append(.prefix(network))
        }
        return NFTComparison(op, .set(networks))
    }

    /// The ports that match.
    func ports(_ sets: inout LiftedSets) throws(LiftRefusal) -> IntervalSet<UInt16> {
        guard case .named(let name) = right else { return try numbers() }
        let isNegated = try isNegated
        let set = try sets.ports(name)
        return isNegated ? set.complement : set
    }

    /// The addresses of a family that match.
    func addresses(of family: AddressFamily, _ sets: inout LiftedSets) throws(LiftRefusal) -> IPAddressSet {
        let isNegated = try isNegated
        if case .named(let name) = right { return try sets.addresses(name, of: family, isNegated: isNegated) }
        let set = try IPAddressSet(right.elements, of: family)
        return isNegated ? set.complement.only(family) : set
    }

    /// The interfaces that match.
    var interfaces: InterfaceSet {
        get throws(LiftRefusal) {
            var patterns: [InterfacePattern] = []
            for element in right.elements {
                guard case .interface(let pattern) = element else {
                    throw LiftRefusal("'\(element.text)' is no interface name")
                }
                patterns.append(pattern)
            }
            return InterfaceSet(patterns, isNegated: try isNegated)
        }
    }

    /// Tests of a register of bits: it matches if all of one alternative hold.
    ///
    /// `in` asks for any of the bits, `!` for none; `==`, `!=` and sets compare the whole register, or what a mask leaves of it.
    func tests<Value: FixedWidthInteger & UnsignedInteger>(
        mask: Value?, _ bits: (String) -> Value?
    ) throws(LiftRefusal) -> [[MaskedTest<Value>]] {
        if op == .anyOf || op == .noneOf {
            guard mask == nil else { throw LiftRefusal("'\(op.rawValue)' behind a mask is not known") }
            return [[MaskedTest(mask: try right.register(bits), value: 0, isNegated: op == .anyOf)]]
        }
        let isNegated = try isNegated
        var tests: [MaskedTest<Value>] = []
        for element in right.elements {
            tests.append(MaskedTest(mask: mask ?? .max, value: try element.register(bits), isNegated: isNegated))
        }
        return isNegated ? [tests] : tests.map { [$0] }
    }
}

extension NFTValue {
    /// The bits that are meant, all at once.
    fileprivate func register<Value: FixedWidthInteger & UnsignedInteger>(
        _ bits: (String) -> Value?
    ) throws(LiftRefusal) -> Value {
        switch self {
        case .number(let number): if let value = Value(exactly: number) { return value }
        case .keyword(let word): return try Self.bits([word], bits)
        case .flags(let words): return try Self.bits(words, bits)
        default: break
        }
        throw LiftRefusal("'\(text)' is not known here")
    }

    private static func bits<Value: FixedWidthInteger & UnsignedInteger>(
        _ words: [String], _ bits: (String) -> Value?
    ) throws(LiftRefusal) -> Value {
        var all: Value = 0
        for word in words {
            guard let value = bits(word) else { throw LiftRefusal("the flag '\(word)' is not known") }
            all |= value
        }
        return all
    }
}
