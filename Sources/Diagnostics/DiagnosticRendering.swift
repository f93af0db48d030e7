package import JSONC

extension Diagnostic {
    /// The lines that a user sees: `FILE:LINE: error: MESSAGE [ID]`, then a line for each note; before them the transcript.
    package var text: String {
        let head = Self.line(location, severity.rawValue, message) + " [\(id)]"
        let before = transcript.map { [$0] } ?? []
        return (before + [head] + notes.map { Self.line($0.location ?? location, "note", $0.message) }).joined(
            separator: "\n")
    }

    private static func line(_ location: SourceLocation?, _ label: String, _ message: String) -> String {
        (location.map { "\($0): " } ?? "seawall: ") + "\(label): \(message)"
    }

    /// The same for programs.
    package var json: JSONValue {
        var members: [JSONMember] = [
            JSONMember("id", .string(id)), JSONMember("severity", .string(severity.rawValue)),
            JSONMember("message", .string(message)),
        ]
        members += Self.place(location)
        if let transcript { members.append(JSONMember("transcript", .string(transcript))) }
        if !notes.isEmpty {
            members.append(
                JSONMember(
                    "notes",
                    .array(
                        notes.map { .object([JSONMember("message", .string($0.message))] + Self.place($0.location)) })))
        }
        return .object(members)
    }

    private static func place(_ location: SourceLocation?) -> [JSONMember] {
        guard let location else { return [] }
        return [JSONMember("file", .string(location.file))]
            + (location.line.map { [JSONMember("line", .integer(Int64($0)))] } ?? [])
            + (location.column.map { [JSONMember("column", .integer(Int64($0)))] } ?? [])
    }
}
