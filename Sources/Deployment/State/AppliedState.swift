package import JSONC
package import PacketModel

/// A state into which Seawall brought this host, or tried to: what, by whom, when, and how it ended.
package struct AppliedState: Hashable, Sendable {
    /// What led to it.
    package enum Cause: Hashable, Sendable {
        /// A policy was applied.
        case apply
        /// A former state was applied again.
        case rollback(to: Int)
        /// What had drifted was put right.
        case repair
        /// The twin at input was brought up to date.
        case refresh
        /// Rules were moved from iptables to nft.
        case migrate
        /// They were moved back.
        case migrateBack
        /// What is in the way of Docker's own nft backend was taken away.
        case dockerNFTables
        /// That was put back.
        case dockerNFTablesBack
    }

    /// How it ended.
    package enum Outcome: String, Hashable, Sendable {
        /// The change is under way, or was cut short.
        case begun
        /// It is, or was, in force and confirmed.
        case confirmed
        /// It is in force, and goes back unless it is confirmed.
        case unconfirmed
        /// It was not confirmed in time, and the host went back.
        case expired
        /// The host went back because of a failure, or because it was asked to.
        case undone
    }

    /// Counts from 1.
    package var number: Int
    /// What led to it.
    package var cause: Cause
    /// The name of the policy.
    package var policy: String
    /// When it was applied: seconds since 1970, by the host's clock.
    package var time: Int64
    /// Who applied it: the login name, behind `sudo` that of the person.
    package var user: String
    /// How the policy was compiled and loaded.
    package var settings: DeploymentSettings
    /// How it ended.
    package var outcome: Outcome
    /// How many rules were loaded.
    package var rules: Int = 0
    /// How long it had to be confirmed; nothing, if it was confirmed at once.
    package var window: Duration?

    /// A state.
    package init(
        number: Int, cause: Cause, policy: String, time: Int64, user: String, settings: DeploymentSettings,
        outcome: Outcome
    ) {
        self.number = number
        self.cause = cause
        self.policy = policy
        self.time = time
        self.user = user
        self.settings = settings
        self.outcome = outcome
    }
}

/// How a policy is compiled and loaded on a host: what has to be known to do it again.
package struct DeploymentSettings: Hashable, Sendable {
    /// The backend: `iptables` or `nft`.
    package enum Backend: String, Hashable, Sendable { case iptables, nft }

    /// The backend.
    package var backend: Backend
    /// The families; both under nft, but for a policy that came from iptables and was in force there for one.
    package var families: [AddressFamily] = AddressFamily.allCases
    /// The variant of iptables that was written.
    package var variant: IPTablesVariantChoice = .auto
    /// The layout that was asked for: `docker-user` or `own-chain`; nothing for what others' rules ask for.
    package var layout: String?
    /// The mark that Docker accepts, as `VALUE/MASK`.
    package var acceptMark: String?
    /// Whether addresses become sets of ipset.
    package var usesSets = false
    /// Whether rules stand line by line.
    package var isLineByLine = false
    /// Whether each rule has a counter of its own.
    package var countsRules = false
    /// Whether there is a twin at input.
    package var hasTwin = false
    /// The network namespace, if it is not the host's own.
    package var namespace: String?

    /// The usual settings of a backend.
    package init(_ backend: Backend) { self.backend = backend }
}

extension AppliedState {
    /// The record as JSON.
    package var json: JSONValue {
        var members: [JSONMember] = [
            JSONMember("number", .integer(Int64(number))), JSONMember("cause", .string(cause.name)),
        ]
        if case .rollback(let to) = cause { members.append(JSONMember("to", .integer(Int64(to)))) }
        members += [
            JSONMember("policy", .string(policy)), JSONMember("time", .integer(time)),
            JSONMember("user", .string(user)), JSONMember("outcome", .string(outcome.rawValue)),
            JSONMember("rules", .integer(Int64(rules))), JSONMember("settings", settings.json),
        ]
        if let window { members.append(JSONMember("window", .integer(window.milliseconds))) }
        return .object(members)
    }

    /// Reads a record.
    init(json: JSONValue) throws(JSONError) {
        var reader = try JSONObjectReader(json)
        let to = try reader.optionalInteger("to")
        self.init(
            number: try reader.integer("number"),
            cause: try Cause(name: try reader.string("cause"), to: to), policy: try reader.string("policy"),
            time: Int64(try reader.integer("time")), user: try reader.string("user"),
            settings: try DeploymentSettings(json: try reader.require("settings")),
            outcome: try word(Outcome.self, try reader.string("outcome"), "$.outcome"))
        rules = try reader.integer("rules")
        window = try reader.optionalInteger("window").map { .milliseconds($0) }
        try reader.finish()
    }
}

extension AppliedState.Cause {
    /// The word for it: `apply`, `rollback`.
    package var name: String {
        switch self {
        case .apply: "apply"
        case .rollback: "rollback"
        case .repair: "repair"
        case .refresh: "refresh-twin"
        case .migrate: "migrate"
        case .migrateBack: "migrate-back"
        case .dockerNFTables: "docker-nftables"
        case .dockerNFTablesBack: "docker-nftables-back"
        }
    }

    fileprivate init(name: String, to: Int?) throws(JSONError) {
        switch (name, to) {
        case ("apply", nil): self = .apply
        case ("rollback", let to?): self = .rollback(to: to)
        case ("repair", nil): self = .repair
        case ("refresh-twin", nil): self = .refresh
        case ("migrate", nil): self = .migrate
        case ("migrate-back", nil): self = .migrateBack
        case ("docker-nftables", nil): self = .dockerNFTables
        case ("docker-nftables-back", nil): self = .dockerNFTablesBack
        default: throw JSONError(at: .path("$.cause"), "'\(name)' is unknown to this version of Seawall")
        }
    }
}

extension DeploymentSettings {
    /// The settings as JSON; what is as usual is left out.
    package var json: JSONValue {
        var members = [
            JSONMember("backend", .string(backend.rawValue)),
            JSONMember("families", .array(families.map { .string($0.rawValue) })),
        ]
        if backend == .iptables { members.append(JSONMember("variant", .string(variant.rawValue))) }
        if let layout { members.append(JSONMember("layout", .string(layout))) }
        if let acceptMark { members.append(JSONMember("acceptMark", .string(acceptMark))) }
        for (name, flag) in [
            ("sets", usesSets), ("lineByLine", isLineByLine), ("countsRules", countsRules), ("twin", hasTwin),
        ] where flag {
            members.append(JSONMember(name, .bool(true)))
        }
        if let namespace { members.append(JSONMember("netns", .string(namespace))) }
        return .object(members)
    }

    init(json: JSONValue) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: "$.settings")
        self.init(try word(Backend.self, try reader.string("backend"), "$.settings.backend"))
        families = try reader.array("families") { (value, path) throws(JSONError) in
            try word(AddressFamily.self, try JSONObjectReader.string(value, path: path), path)
        }
        if let name = try reader.optionalString("variant") {
            variant = try word(IPTablesVariantChoice.self, name, "$.settings.variant")
        }
        layout = try reader.optionalString("layout")
        acceptMark = try reader.optionalString("acceptMark")
        usesSets = try reader.flag("sets")
        isLineByLine = try reader.flag("lineByLine")
        countsRules = try reader.flag("countsRules")
        hasTwin = try reader.flag("twin")
        namespace = try reader.optionalString("netns")
        try reader.finish()
    }
}

/// A word of a list of words.
func word<Word: RawRepresentable<String>>(
    _ type: Word.Type, _ text: String, _ path: String
) throws(JSONError) -> Word {
    guard let word = Word(rawValue: text) else {
        throw JSONError(at: .path(path), "'\(text)' is unknown to this version of Seawall")
    }
    return word
}
