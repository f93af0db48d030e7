internal import JSONC
internal import NFTablesBackend

/// That Docker accepts a mark, so that setting it and leaving our chain is what ACCEPT in `DOCKER-USER` is.
struct DockerAssumption {
    /// The mark.
    let mark: AcceptMark

    /// The name of the assumption.
    static let id = "accept-mark"

    /// The assumption in words.
    var text: String {
        let word = "0x\(String(mark.value, radix: 16))/0x\(String(mark.mask, radix: 16))"
        return
            "Docker accepts packets with the mark \(word) (dockerd --bridge-accept-fwmark), so that setting it and leaving is accepting"
    }

    /// The assumption with its text.
    var json: JSONValue { ["id": .string(Self.id), "text": .string(text)] }
}
