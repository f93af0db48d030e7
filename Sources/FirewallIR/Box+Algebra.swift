package import PacketModel

extension Box {
    /// The part of the box that speaks of one family; `nil` if none does.
    ///
    /// Address sets lose what belongs to the other family, and one that holds all of this family restricts no more.
    package func restricted(to family: AddressFamily) -> Box? {
        guard families.contains(FamilySet(family)) else { return nil }
        if isOf(family) { return isEmpty ? nil : self }
        var box = self
        box.families = FamilySet(family)
        box.source = box.source.flatMap { $0.restriction(in: family) }
        box.destination = box.destination.flatMap { $0.restriction(in: family) }
        box.originalSource?.values = (originalSource?.values ?? .all).only(family)
        box.originalDestination?.values = (originalDestination?.values ?? .all).only(family)
        return box.isEmpty ? nil : box
    }

    /// Whether the box speaks of one family alone, in all that it says.
    private func isOf(_ family: AddressFamily) -> Bool {
        families == FamilySet(family) && source?.isRestricted(to: family) != false
            && destination?.isRestricted(to: family) != false
            && originalSource?.values.isOnly(of: family) != false
            && originalDestination?.values.isOnly(of: family) != false
    }

    /// Whether no packet can be in the box: some field has no value left.
    package var isEmpty: Bool {
        if families.isEmpty || source?.isEmpty == true || destination?.isEmpty == true || protocols?.isEmpty == true {
            return true
        }
        if state?.isEmpty == true || packetType?.isEmpty == true { return true }
        if inInterface?.isEmpty == true || outInterface?.isEmpty == true { return true }
        if possibleFamilies.isEmpty { return true }
        return sourcePort.isNever || destinationPort.isNever || icmp.isNever || originalSourcePort.isNever
            || originalDestinationPort.isNever || originalProtocol.isNever
            || numbers.values.contains { $0.values.isEmpty && !$0.allowsAbsent }
            || direction.map { $0.values.isEmpty && !$0.allowsAbsent } ?? false
    }

    /// The families of which a packet can be in the box, as its addresses tell.
    package var possibleFamilies: FamilySet {
        var possible = families
        if let source { possible.formIntersection(source.families) }
        if let destination { possible.formIntersection(destination.families) }
        if let originalSource, !originalSource.allowsAbsent {
            possible.formIntersection(originalSource.values.families)
        }
        if let originalDestination, !originalDestination.allowsAbsent {
            possible.formIntersection(originalDestination.values.families)
        }
        return possible
    }

    /// Whether one of the fields that come from a conntrack entry asks for one: then packets without an entry are out.
    package var demandsConntrackEntry: Bool {
        direction?.allowsAbsent == false || status?.allowsAbsent == false || originalSource?.allowsAbsent == false
            || originalDestination?.allowsAbsent == false || originalProtocol?.allowsAbsent == false
            || originalSourcePort?.allowsAbsent == false || originalDestinationPort?.allowsAbsent == false
            || connectionMark?.allowsAbsent == false
    }

    /// Whether the absence of a conntrack entry matches one of the fields that come from it.
    private var mentionsAbsentEntry: Bool {
        direction?.allowsAbsent == true || status?.allowsAbsent == true || originalSource?.allowsAbsent == true
            || originalDestination?.allowsAbsent == true || originalProtocol?.allowsAbsent == true
            || originalSourcePort?.allowsAbsent == true || originalDestinationPort?.allowsAbsent == true
            || connectionMark?.allowsAbsent == true
    }

    /// The same box with its conntrack fields in agreement: either all ask for an entry, or all do without.
    ///
    /// Where one asks for an entry, no other's absence can matter, and the states are those of packets that have one.
    package var withConsistentConntrack: Box {
        guard demandsConntrackEntry else { return self }
        let tracked = (state ?? .all).intersection(.tracked)
        let wanted = tracked == .tracked ? nil : tracked
        if state == wanted, !mentionsAbsentEntry { return self }
        var box = self
        box.state = wanted
        box.direction?.allowsAbsent = false
        box.status?.allowsAbsent = false
        box.originalSource?.allowsAbsent = false
        box.originalDestination?.allowsAbsent = false
        box.originalProtocol?.allowsAbsent = false
        box.originalSourcePort?.allowsAbsent = false
        box.originalDestinationPort?.allowsAbsent = false
        box.connectionMark?.allowsAbsent = false
        return box
    }
}

extension IPAddressSet {
    /// The addresses of one family alone.
    package func only(_ family: AddressFamily) -> IPAddressSet {
        family == .ip ? IPAddressSet(v4: v4) : IPAddressSet(v6: v6)
    }

    /// Whether no address is of another family.
    fileprivate func isOnly(of family: AddressFamily) -> Bool { family == .ip ? v6.isEmpty : v4.isEmpty }

    /// Whether it restricts the addresses of one family, and holds none of the other.
    fileprivate func isRestricted(to family: AddressFamily) -> Bool {
        isOnly(of: family) && !(family == .ip ? v4.isAll : v6.isAll)
    }

    /// The addresses of one family as a restriction; `nil` if all of them are in.
    fileprivate func restriction(in family: AddressFamily) -> IPAddressSet? {
        (family == .ip ? v4.isAll : v6.isAll) ? nil : only(family)
    }
}

extension Optional where Wrapped == Presence<IntervalSet<UInt16>> {
    /// Whether no packet passes: the field has to be there, and no value is left for it.
    fileprivate var isNever: Bool { self?.allowsAbsent == false && self?.values.isEmpty == true }
}

extension Optional where Wrapped == Presence<IntervalSet<UInt8>> {
    /// Whether no packet passes: the field has to be there, and no value is left for it.
    fileprivate var isNever: Bool { self?.allowsAbsent == false && self?.values.isEmpty == true }
}
