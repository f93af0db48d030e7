import Deployment
import JSONC
import NFTablesBackend

/// An nftables that refuses documents holding one of some texts, and lists what it is told to.
actor FakeNFT: NFTRunner {
    let refused: [String]
    let message: String
    private var listings: [JSONValue?]
    private(set) var runs: [(commands: JSONValue, check: Bool)] = []
    private(set) var lists: [Bool] = []

    /// The last of the listings is given again and again.
    init(refusing refused: [String] = [], message: String = "", listings: [JSONValue?] = [nil]) {
        self.refused = refused
        self.message = message
        self.listings = listings
    }

    func run(_ commands: JSONValue, check: Bool) async throws -> NFTResult {
        runs.append((commands, check))
        let text = commands.text()
        return refused.contains { text.contains($0) }
            ? .refused(NFTFailure(.refused, message)) : .done(.milliseconds(3))
    }

    func list(_ table: NFTTableName, terse: Bool) async throws -> JSONValue? {
        lists.append(terse)
        return listings.count > 1 ? listings.removeFirst() : listings[0]
    }

    /// The commands of each run as text, without `metainfo`, and whether they were only checked.
    var texts: [String] {
        runs.map { run in
            let commands = run.commands["nftables"]?.array?.filter { $0["metainfo"] == nil } ?? []
            return (run.check ? "check " : "") + commands.map { $0.text() }.joined(separator: " ")
        }
    }
}
