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
            if let known { finishAgain(reference, isEmpty: known.isEmpty, at: location) }
            return known
        }
        guard let contents = contents(of: reference, at: location) else { return nil }
        // A list may have a million lines: each is a number by the time the next is read.
        var v4: [ClosedRange<UInt32>] = []
        var v6: [ClosedRange<UInt128>] = []
        var bad = BadEntries(reference, location)
        ListFile.forEachEntry(in: contents) { line, entry in
            switch IPAddressRange.read(entry) {
            case .success(.v4(let range)): v4.append(range)
            case .success(.v6(let range)): v6.append(range)
            case .failure(let error): bad.add(line) { error.explanation(for: String(decoding: entry, as: UTF8.self)) }
            }
        }
        let set = IPAddressSet(v4: IntervalSet(v4), v6: IntervalSet(v6))
        addressFiles[reference.pathBytes] = .some(bad.count == 0 ? set : nil)
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
            if let known { finishAgain(reference, isEmpty: known.isEmpty, at: location) }
            return known
        }
        guard let contents = contents(of: reference, at: location) else { return nil }
        var ranges: [ClosedRange<UInt16>] = []
        var bad = BadEntries(reference, location)
        ListFile.forEachEntry(in: contents) { line, entry in
            let entry = String(decoding: entry, as: UTF8.self)
            if let range = portEntry(entry) {
                ranges.append(range)
            } else {
                bad.add(line) {
                    "'\(entry)' is no port: expected a number from 0 to 65535, a range such as 8000-8010, or a service's name"
                }
            }
        }
        let set = IntervalSet(ranges)
        portFiles[reference.pathBytes] = .some(bad.count == 0 ? set : nil)
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

    private mutating func finish(
        _ reference: FileReference, _ bad: BadEntries, isEmpty: Bool, at location: NodeLocation
    ) -> Bool {
        diagnostics += bad.diagnostics
        if isEmpty && reference.mayBeEmpty { mayMatchNothing = true }
        if bad.count == 0 && isEmpty && !reference.mayBeEmpty {
            diagnostics.append(
                Diagnostic(
                    "empty-set", at: SourceLocation(file: reference.path),
                    "the file has no entries: an empty set matches nothing; if that is meant, say mayBeEmpty: true",
                    notes: [Diagnostic.Note("the file is named here", at: SourceLocation(location))]))
        }
        return bad.count == 0
    }

    /// The same for a file that was read before, without an error.
    private mutating func finishAgain(_ reference: FileReference, isEmpty: Bool, at location: NodeLocation) {
        _ = finish(reference, BadEntries(reference, location), isEmpty: isEmpty, at: location)
    }

    private mutating func reportEmpty<T>(_ what: String, at location: NodeLocation) -> T? {
        report(
            "empty-set", at: location,
            "the \(what) set is empty: a rule with it could never match; leave the condition out if all are meant")
        return nil
    }
}

/// Lines of a file that are no entries; of very many the first are named, and the others counted.
private struct BadEntries {
    private let reference: FileReference
    private let location: NodeLocation
    private var named: [Diagnostic] = []
    /// How many there are.
    private(set) var count = 0

    init(_ reference: FileReference, _ location: NodeLocation) {
        self.reference = reference
        self.location = location
    }

    mutating func add(_ line: Int, _ message: () -> String) {
        count += 1
        guard count <= 20 else { return }
        named.append(
            Diagnostic(
                "bad-entry", at: SourceLocation(file: reference.path, line: line), message(),
                notes: [Diagnostic.Note("the file is named here", at: SourceLocation(location))]))
    }

    /// What is said about them.
    var diagnostics: [Diagnostic] {
        guard count > 20 else { return named }
        return named + [
            Diagnostic("bad-entry", at: SourceLocation(file: reference.path), "\(count - 20) more lines are wrong")
        ]
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
