internal import Importing
internal import JSONC
internal import NFTablesBackend
internal import PacketModel

/// Rules that somebody else wrote, as they are kept with a state: their texts, and how these are read.
///
/// A policy document of them means the same, but its rules bear other identifiers, and its messages other places.
struct KeptSource {
    let texts: [ImportText]
    let options: ImportOptions

    /// The rules, read once more.
    func load() throws -> RulesSource { .rules(try ImportRules.read(texts, options)) }

    /// The source of rules; of a policy, nothing: its document is all there is.
    init?(_ source: RulesSource) {
        guard case .rules(let rules) = source else { return nil }
        texts = rules.texts
        options = rules.options
    }

    /// The source as JSON.
    var json: JSONValue {
        var members = [JSONMember("texts", .array(texts.map(\.json)))]
        if let family = options.family { members.append(JSONMember("family", .string(family.rawValue))) }
        if let chain = options.chain { members.append(JSONMember("chain", .string(chain))) }
        if let mark = options.acceptMark { members.append(JSONMember("acceptMark", .string(mark.text))) }
        if options.keepsUnsupported { members.append(JSONMember("keepsUnsupported", true)) }
        if !options.othersChains.isEmpty {
            let chains = options.othersChains.sorted { $0.key < $1.key }
            members.append(
                JSONMember("othersChains", .object(chains.map { JSONMember($0.key, .string($0.value)) })))
        }
        if options.passesOver { members.append(JSONMember("passesOver", true)) }
        if options.acceptLeaves { members.append(JSONMember("acceptLeaves", true)) }
        if options.takesWholeTable { members.append(JSONMember("wholeTable", true)) }
        return .object(members)
    }

    /// Reads a source.
    init(json: JSONValue) throws(JSONError) {
        var reader = try JSONObjectReader(json)
        var options = ImportOptions()
        texts = try reader.array("texts") { (value, path) throws(JSONError) in try ImportText(json: value, path: path) }
        options.family = try reader.optionalString("family").flatMap { AddressFamily(rawValue: $0) }
        options.chain = try reader.optionalString("chain")
        options.acceptMark = try reader.optionalString("acceptMark").flatMap { MarkArgument(argument: $0)?.mark }
        options.keepsUnsupported = try reader.flag("keepsUnsupported")
        options.takesWholeTable = try reader.flag("wholeTable")
        options.passesOver = try reader.flag("passesOver")
        options.acceptLeaves = try reader.flag("acceptLeaves")
        if case .object(let members)? = reader.take("othersChains") {
            for member in members { options.othersChains[member.key] = member.value.string }
        }
        try reader.finish()
        self.options = options
    }
}

extension ImportText {
    fileprivate var json: JSONValue {
        var members = [
            JSONMember("name", .string(name)), JSONMember("format", .string(format.rawValue)),
            JSONMember("text", .string(String(decoding: bytes, as: UTF8.self))),
        ]
        if let family { members.append(JSONMember("family", .string(family.rawValue))) }
        return .object(members)
    }

    fileprivate init(json: JSONValue, path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        let name = try reader.string("name")
        guard let format = InputFormat(rawValue: try reader.string("format")) else {
            throw JSONError(at: .path("\(path).format"), "the format is unknown to this version of Seawall")
        }
        self.init(
            name: name, bytes: Array(try reader.string("text").utf8), format: format,
            family: try reader.optionalString("family").flatMap { AddressFamily(rawValue: $0) })
        try reader.finish()
    }
}
