package import PacketModel

/// A set of values, or a list of tests, of which the common part of two can be said.
package protocol Narrowable {
    /// What both hold.
    func intersection(_ other: Self) -> Self
}

extension IntervalSet: Narrowable {}
extension IPAddressSet: Narrowable {}
extension ConntrackStateSet: Narrowable {}
extension ConntrackDirectionSet: Narrowable {}
extension PacketTypeSet: Narrowable {}

extension Presence: Narrowable where Values: Narrowable {
    /// The values that match in both, and absence only if it matches in both.
    package func intersection(_ other: Presence) -> Presence {
        Presence(values.intersection(other.values), allowsAbsent: allowsAbsent && other.allowsAbsent)
    }
}

extension Optional where Wrapped: Narrowable {
    /// Restricts a field of a box further; without a restriction it takes over the new one.
    package mutating func narrow(to other: Wrapped) { self = map { $0.intersection(other) } ?? other }
}

extension Optional {
    /// Restricts a field of bits further.
    ///
    /// - Parameters:
    ///   - test: what the bits have to pass.
    ///   - allowsAbsent: whether a packet without the field matches.
    package mutating func narrow<Value>(to test: MaskedTest<Value>, allowsAbsent: Bool = false)
    where Wrapped == Presence<[MaskedTest<Value>]> {
        if self == nil {
            self = Presence([test], allowsAbsent: allowsAbsent)
        } else {
            self?.values.append(test)
            if !allowsAbsent { self?.allowsAbsent = false }
        }
    }
}

extension Optional where Wrapped == InterfaceSet {
    /// Restricts the names of an interface further.
    ///
    /// - Throws: `LiftRefusal` where a wildcard less some of its names would have to be said.
    package mutating func narrow(to other: InterfaceSet) throws(LiftRefusal) {
        guard let before = self else {
            self = other
            return
        }
        guard let both = before.intersection(other) else {
            throw LiftRefusal("a wildcard and an exception from it ask for the same interface")
        }
        self = both
    }
}
