import Diagnostics
import FirewallIR
import IPTablesBackend
import JSONC
import NFTablesBackend
import PacketModel
import TestSupport

/// Rules on their way into a kernel and back: text → tool → kernel → tool → text → intermediate representation.
struct KernelTrip {
    /// What the rules are called in messages.
    let name: String
    private let text: String
    private let engine: Engine

    private enum Engine {
        case iptables(AddressFamily, IPTablesSelection)
        case nft(AcceptMark?)
    }

    /// A text for `iptables-legacy-restore`.
    ///
    /// - Parameters:
    ///   - name: what it is called.
    ///   - text: the text.
    ///   - family: its family.
    ///   - selection: the chains that are read of what `iptables-legacy-save` prints.
    init(_ name: String, _ text: String, _ family: AddressFamily, _ selection: IPTablesSelection) {
        self.name = name
        self.text = text
        engine = .iptables(family, selection)
    }

    /// What a rule set becomes in iptables.
    init(_ name: String, _ program: IPTablesProgram) {
        self.init(
            name, program.document(layout: .dockerUser, header: ["a header"]).text, program.family,
            program.isWholeTable ? .whole : .dockerUser)
    }

    /// A table for libnftables.
    init(_ name: String, _ document: NFTDocument, acceptMark: AcceptMark? = BackendComparison.acceptMark) {
        self.name = name
        text = document.jsonText
        engine = .nft(acceptMark)
    }

    /// Loads the rules one after the other into a namespace, and reads what the tools list.
    ///
    /// - Returns: what was read, in the order of the trips.
    /// - Throws: `ShellFailure` with what a tool refused, or the error of a reader.
    static func read(_ trips: [KernelTrip]) async throws -> [Ruleset] {
        try zip(trips, try await list(trips)).map { try $0.read($1) }
    }

    /// Loads the rules one after the other into a namespace.
    ///
    /// - Returns: what the tools list, in the order of the trips.
    /// - Throws: `ShellFailure` with what a tool refused.
    static func list(_ trips: [KernelTrip]) async throws -> [String] {
        try await withNamespace { namespace in
            try await withFolder { folder in
                for (index, trip) in trips.enumerated() { try folder.write("\(index).\(trip.ending)", trip.text) }
                let refused = try await namespace.must(script(folder.path))
                guard refused.isEmpty else {
                    let names = trips.enumerated().map { "\($0): \($1.name)\n" }.joined()
                    throw ShellFailure(description: refused + names)
                }
                return try trips.enumerated().map { index, trip in
                    let file = "\(index).\(trip.ending).listed"
                    guard let listing = folder.read(file) else {
                        throw ShellFailure(description: "\(trip.name): no \(file)")
                    }
                    return listing
                }
            }
        }
    }

    /// What the text means that is loaded.
    var meant: Ruleset { get throws { try read(text) } }

    private var ending: String {
        switch engine {
        case .iptables(let family, _): family == .ip ? "v4" : "v6"
        case .nft: "json"
        }
    }

    /// What a listing means.
    private func read(_ listing: String) throws -> Ruleset {
        switch engine {
        case .iptables(let family, let selection):
            let reading = IPTablesReader.read(Array(listing.utf8), file: "listing", family: family)
            guard reading.isComplete, let table = reading.file(family)?.filterTable else {
                throw ShellFailure(description: "\(name): \(reading.diagnostics.map(\.text))\n\(listing)")
            }
            let lift = try LiftFromIPTables.liftTable(table, selection, file: "listing")
            guard lift.refusals.isEmpty else {
                throw ShellFailure(description: "\(name): \(lift.refusals)\n\(listing)")
            }
            return Ruleset(name: "Listed", scopes: lift.scopes)
        case .nft(let mark):
            let read = try ReadNFTListing.run(try JSONValue.parse(listing), file: "listing")
            return Ruleset(
                name: "Listed", scopes: try LiftFromNFTables.lift(read, file: "listing", acceptMark: mark).scopes)
        }
    }

    private static func script(_ folder: String) -> String {
        """
        cd '\(folder)'
        export TZ=UTC
        set +e
        refused() { echo "== $1"; head -5 errors; }
        for file in *.v4 *.v6 *.json; do
            [ -e "$file" ] || continue
            case $file in
            *.json)
                nft -j -f "$file" > errors 2>&1 || { refused "$file"; continue; }
                nft -j list table inet seawall > "$file.listed" 2> errors || refused "list $file"
                nft delete table inet seawall ;;
            *)
                case $file in *.v4) tool=iptables-legacy ;; *) tool=ip6tables-legacy ;; esac
                $tool-restore < "$file" 2> errors || { refused "$file"; continue; }
                $tool-save -t filter > "$file.listed" 2> errors || refused "save $file" ;;
            esac
        done
        """
    }
}
