extension SaveListing {
    /// Reads the text of `iptables-save` or `iptables-save -c`.
    ///
    /// Comments and empty lines are passed over; rules of a chain that was not declared make that chain, as
    /// `iptables-restore` has it for built-in ones.
    /// - Throws: `SaveListingError` with the line, also where the text ends before its `COMMIT`.
    package static func parse(_ text: some Collection<UInt8>) throws(SaveListingError) -> SaveListing {
        var reader = SaveListingReader()
        var number = 0
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            try reader.read(line, number: number)
        }
        return try reader.finish()
    }

    /// Reads the text of `iptables-save`.
    package static func parse(_ text: String) throws(SaveListingError) -> SaveListing { try parse(Array(text.utf8)) }
}

/// Reads a listing line by line.
private struct SaveListingReader {
    private var listing = SaveListing()
    private var table: SaveTable?
    /// Places of the chains of the open table.
    private var places: [String: Int] = [:]

    mutating func read(_ line: some Collection<UInt8>, number: Int) throws(SaveListingError) {
        let words = try saveListingWords(line, number: number)
        guard let first = words.first, first.utf8.first != UInt8(ascii: "#") else { return }
        switch first.utf8.first {
        case UInt8(ascii: "*"): try open(String(first.dropFirst()), number: number)
        case UInt8(ascii: ":"): try declare(words, number: number)
        case UInt8(ascii: "["):
            try append(words.dropFirst(), counters: try counters(first, number: number), number: number)
        case UInt8(ascii: "-"): try append(words[...], counters: nil, number: number)
        default:
            guard first == "COMMIT" else {
                throw SaveListingError(line: number, "'\(first)' begins no line of iptables-save")
            }
            try commit(number: number)
        }
    }

    func finish() throws(SaveListingError) -> SaveListing {
        guard let table else { return listing }
        throw SaveListingError(line: table.line, "the table '\(table.name)' has no COMMIT: the text is cut short")
    }

    private mutating func open(_ name: String, number: Int) throws(SaveListingError) {
        if let table { throw SaveListingError(line: number, "the table '\(table.name)' has no COMMIT before this one") }
        guard !name.isEmpty else { throw SaveListingError(line: number, "expected the name of a table after '*'") }
        table = SaveTable(name: name, line: number)
        places = [:]
    }

    private mutating func commit(number: Int) throws(SaveListingError) {
        guard let table else { throw SaveListingError(line: number, "COMMIT outside of a table") }
        listing.tables.append(table)
        self.table = nil
    }

    private mutating func declare(_ words: [String], number: Int) throws(SaveListingError) {
        guard table != nil else { throw SaveListingError(line: number, "a chain outside of a table") }
        let name = String(words[0].dropFirst())
        guard !name.isEmpty, (2...3).contains(words.count) else {
            throw SaveListingError(line: number, "expected ':CHAIN POLICY [PACKETS:BYTES]'")
        }
        guard places[name] == nil else { throw SaveListingError(line: number, "the chain '\(name)' is declared twice") }
        add(
            SaveChain(
                name: name, policy: words[1] == "-" ? nil : words[1],
                counters: words.count == 3 ? try counters(words[2], number: number) : nil, line: number))
    }

    private mutating func append(
        _ words: ArraySlice<String>, counters: SaveCounters?, number: Int
    ) throws(SaveListingError) {
        guard table != nil else { throw SaveListingError(line: number, "a rule outside of a table") }
        guard let command = words.first, command == "-A" || command == "--append", let chain = words.dropFirst().first
        else {
            throw SaveListingError(line: number, "expected '-A CHAIN' and a rule")
        }
        if places[chain] == nil { add(SaveChain(name: chain, line: number)) }
        guard let place = places[chain] else { return }
        table?.chains[place].rules.append(SaveRule(words: Array(words.dropFirst(2)), counters: counters, line: number))
    }

    private mutating func add(_ chain: SaveChain) {
        places[chain.name] = table?.chains.count
        table?.chains.append(chain)
    }

    private func counters(_ word: String, number: Int) throws(SaveListingError) -> SaveCounters {
        let parts = word.dropFirst().dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard word.hasPrefix("["), word.hasSuffix("]"), parts.count == 2, let packets = UInt64(parts[0]),
            let bytes = UInt64(parts[1])
        else { throw SaveListingError(line: number, "expected '[PACKETS:BYTES]', found '\(word)'") }
        return SaveCounters(packets: packets, bytes: bytes)
    }
}
