internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Seawall

extension PolicyResolver {
    // MARK: - Addresses

    /// The addresses of an expression; `nil` restricts nothing.
    ///
    /// What is wrong is reported, and stands for no restriction.
    mutating func addresses(_ expression: AddressExpression, at location: NodeLocation) -> IPAddressSet? {
        switch expression {
        case .any: return nil
        case .leaf(.text(let text)): return address(text, at: location)
        case .leaf(.file(let reference)): return addressFile(reference, at: location)
        case .union(let members):
            if members.isEmpty { return reportEmpty("address", at: location) }
            if members.allSatisfy(\.isText) { return addresses(texts: members, at: location) }
            // All members are read, so that each mistake is reported; one without a restriction lifts that of the others.
            let sets = members.map { addresses($0, at: location) }
            return sets.reduce(IPAddressSet.none) { union, set in set.flatMap { union?.union($0) } }
        case .not(let inner):
            guard let set = addresses(inner, at: location) else {
                if inner.holdsAll { return reportEmpty("address", at: location) }
                return nil
            }
            return set.complement
        }
    }

    private mutating func addresses(texts members: [AddressExpression], at location: NodeLocation) -> IPAddressSet? {
        var ranges: [IPAddressRange] = []
        ranges.reserveCapacity(members.count)
        for member in members {
            guard case .leaf(.text(let text)) = member, let range = range(text, at: location) else { continue }
            ranges.append(range)
        }
        return IPAddressSet(ranges)
    }

    private mutating func address(_ text: String, at location: NodeLocation) -> IPAddressSet? {
        range(text, at: location).map { IPAddressSet([$0]) }
    }

    private mutating func range(_ text: String, at location: NodeLocation) -> IPAddressRange? {
        do {
            return try IPAddressRange(text: text)
        } catch {
            report("bad-address", at: location, error.explanation(for: text), literal: text)
            return nil
        }
    }

    private mutating func addressFile(_ reference: FileReference, at location: NodeLocation) -> IPAddressSet? {
        if let known = addressFiles[reference.pathBytes] {
            if let known { _ = finish(reference, [], isEmpty: known.isEmpty, at: location) }
            return known
        }
        guard let contents = contents(of: reference, at: location) else { return nil }
        var ranges: [IPAddressRange] = []
        var bad: [Diagnostic] = []
        ListFile.forEachEntry(in: contents) { line, entry in
            do throws(AddressTextError) {
                ranges.append(try IPAddressRange(text: entry))
            } catch {
                bad.append(Self.badEntry(reference, line, error.explanation(for: entry), location))
            }
        }
        let set = IPAddressSet(ranges)
        addressFiles[reference.pathBytes] = .some(bad.isEmpty ? set : nil)
        return finish(reference, bad, isEmpty: set.isEmpty, at: location) ? set : nil
    }

    // MARK: - Ports

    /// The ports of an expression; `nil` restricts nothing.
    mutating func ports(_ expression: PortExpression, at location: NodeLocation) -> IntervalSet<UInt16>? {
        switch expression {
        case .any: return nil
        case .leaf(.number(let port)): return portRange(port, port, at: location)
        case .leaf(.range(let first, let last)): return portRange(first, last, at: location)
        case .leaf(.name(let name)):
            guard let port = ServiceName.port(name) else {
                reportUnknown("service", name, among: ServiceName.knownNames, at: location)
                return nil
            }
            return IntervalSet(port)
        case .leaf(.file(let reference)): return portFile(reference, at: location)
        case .union(let members):
            if members.isEmpty { return reportEmpty("port", at: location) }
            // All members are read, so that each mistake is reported; one without a restriction lifts that of the others.
            let sets = members.map { ports($0, at: location) }
            return sets.reduce(IntervalSet<UInt16>.none) { union, set in set.flatMap { union?.union($0) } }
        case .not(let inner):
            guard let set = ports(inner, at: location) else {
                if inner.holdsAll { return reportEmpty("port", at: location) }
                return nil
            }
            if set.isAll { return reportEmpty("port", at: location) }
            return set.complement
        }
    }

    private mutating func portRange(_ first: Int, _ last: Int, at location: NodeLocation) -> IntervalSet<UInt16>? {
        for port in [first, last] where !(0...65535).contains(port) {
            report("bad-port", at: location, "port \(port) is out of range: expected 0 to 65535", literal: String(port))
            return nil
        }
        guard first <= last else {
            report(
                "bad-port-range", at: location,
                "the port range \(first)...\(last) ends before it begins: write \(last)...\(first)",
                literal: String(first))
            return nil
        }
        return IntervalSet([UInt16(first)...UInt16(last)])
    }

    private mutating func portFile(_ reference: FileReference, at location: NodeLocation) -> IntervalSet<UInt16>? {
        if let known = portFiles[reference.pathBytes] {
            if let known { _ = finish(reference, [], isEmpty: known.isEmpty, at: location) }
            return known
        }
        guard let contents = contents(of: reference, at: location) else { return nil }
        var ranges: [ClosedRange<UInt16>] = []
        var bad: [Diagnostic] = []
        ListFile.forEachEntry(in: contents) { line, entry in
            if let range = portEntry(entry) {
                ranges.append(range)
            } else {
                let message =
                    "'\(entry)' is no port: expected a number from 0 to 65535, a range such as 8000-8010, or a service's name"
                bad.append(Self.badEntry(reference, line, message, location))
            }
        }
        let set = IntervalSet(ranges)
        portFiles[reference.pathBytes] = .some(bad.isEmpty ? set : nil)
        return finish(reference, bad, isEmpty: set.isEmpty, at: location) ? set : nil
    }

    // MARK: - Interfaces

    /// The interfaces of an expression; `nil` restricts nothing.
    mutating func interfaces(_ expression: InterfaceExpression, at location: NodeLocation) -> InterfaceSet? {
        switch expression {
        case .any: return nil
        case .not(.any):
            return reportEmpty("interface", at: location)
        case .not(let inner): return interfaces(inner, at: location)?.complement
        case .leaf, .union:
            guard expression.isPlain else {
                report(
                    "interface-overlap", at: location,
                    "an exception cannot be one of several interfaces: put .not(…) around the whole list, or write two rules"
                )
                return nil
            }
            let leaves = expression.leaves
            if leaves.isEmpty { return reportEmpty("interface", at: location) }
            var patterns: [InterfacePattern] = []
            for leaf in leaves {
                do {
                    patterns.append(try InterfacePattern(text: leaf.text))
                } catch {
                    report("bad-interface", at: location, error.explanation(for: leaf.text), literal: leaf.text)
                }
            }
            return patterns.isEmpty ? nil : InterfaceSet(patterns)
        }
    }

    // MARK: - Files

    private mutating func contents(of reference: FileReference, at location: NodeLocation) -> String? {
        if let contents = document.contents(of: reference.path) { return contents }
        report(
            "missing-file", at: location,
            "the document does not hold the contents of '\(reference.path)': compile it where the file is")
        return nil
    }

    private static func badEntry(_ reference: FileReference, _ line: Int, _ message: String, _ location: NodeLocation)
        -> Diagnostic
    {
        Diagnostic(
            "bad-entry", at: SourceLocation(file: reference.path, line: line), message,
            notes: [Diagnostic.Note("the file is named here", at: SourceLocation(location))])
    }

    private mutating func finish(
        _ reference: FileReference, _ bad: [Diagnostic], isEmpty: Bool, at location: NodeLocation
    ) -> Bool {
        diagnostics += bad.prefix(20)
        if bad.count > 20 {
            diagnostics.append(
                Diagnostic(
                    "bad-entry", at: SourceLocation(file: reference.path), "\(bad.count - 20) more lines are wrong"))
        }
        if isEmpty && reference.mayBeEmpty { mayMatchNothing = true }
        if bad.isEmpty && isEmpty && !reference.mayBeEmpty {
            diagnostics.append(
                Diagnostic(
                    "empty-set", at: SourceLocation(file: reference.path),
                    "the file has no entries: an empty set matches nothing; if that is meant, say mayBeEmpty: true",
                    notes: [Diagnostic.Note("the file is named here", at: SourceLocation(location))]))
        }
        return bad.isEmpty
    }

    private mutating func reportEmpty<T>(_ what: String, at location: NodeLocation) -> T? {
        report(
            "empty-set", at: location,
            "the \(what) set is empty: a rule with it could never match; leave the condition out if all are meant")
        return nil
    }
}

extension InterfaceExpression {
    /// Whether it is made of names alone.
    fileprivate var isPlain: Bool {
        switch self {
        case .leaf: true
        case .union(let members): members.allSatisfy(\.isPlain)
        case .any, .not: false
        }
    }
}

extension AddressExpression {
    fileprivate var isText: Bool { if case .leaf(.text) = self { true } else { false } }
}

/// A port, a range or a service's name.
private func portEntry(_ entry: String) -> ClosedRange<UInt16>? {
    if let port = ServiceName.port(entry) { return port...port }
    let parts = entry.split(separator: "-", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { $0.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } ? UInt16($0) : nil }
    guard numbers.count == parts.count, (1...2).contains(numbers.count), numbers[0] <= numbers[numbers.count - 1] else {
        return nil
    }
    return numbers[0]...numbers[numbers.count - 1]
}
