internal import PacketModel

/// A plain command of a shell script.
struct ShellCommand {
    /// What is known of it.
    enum Kind: Equatable {
        /// `iptables` or `ip6tables`.
        case tables(AddressFamily)
        /// It changes no rule.
        case harmless
        /// A loop, a branch or a function.
        case control
        case other
    }

    let kind: Kind
    /// Its first word, without `sudo` and folders.
    let name: String
    let words: [RuleWord]
    /// The word behind the name.
    let start: Int
    /// Whether the script goes on if it fails: `|| true`, or its messages are thrown away.
    let mayFail: Bool

    init(_ words: [RuleWord], mayFail: Bool) {
        var place = 0
        while place < words.count - 1, ["sudo", "$", "exec", "command"].contains(words[place].text) { place += 1 }
        let word = words[place].text
        let name = Self.isAssignment(word) ? word : word.split(separator: "/").last.map(String.init) ?? word
        self.words = words
        self.name = name
        self.mayFail = mayFail
        start = place + 1
        kind = Self.kind(name, words[(place + 1)...].map(\.text))
    }

    private static func kind(_ name: String, _ arguments: [String]) -> Kind {
        switch name {
        case "netfilter-persistent": arguments.first == "save" ? .harmless : .control
        case "service", "systemctl": arguments.contains(where: isFirewall) ? .control : .harmless
        case "iptables", "iptables-legacy", "iptables-nft": .tables(.ip)
        case "ip6tables", "ip6tables-legacy", "ip6tables-nft": .tables(.ip6)
        case _ where harmless.contains(name): .harmless
        case _ where control.contains(name) || name.hasSuffix("()"): .control
        case _ where isAssignment(name): .harmless
        default: .other
        }
    }

    private static let harmless: Set<String> = [
        "echo", "printf", "set", "exit", "sleep", "logger", "true", ":", "modprobe", "sysctl", "export",
        "iptables-save", "ip6tables-save", "iptables-legacy-save", "ip6tables-legacy-save", "date", "clear", "cd",
        "apt", "apt-get", "docker", "cat", "umask", "sync",
    ]

    private static let control: Set<String> = [
        "for", "while", "until", "do", "done", "if", "then", "elif", "else", "fi", "case", "esac", "function", "select",
        "return", "iptables-restore", "ip6tables-restore",
        "iptables-legacy-restore", "ip6tables-legacy-restore", "[", "[[", "{", "}", "source", ".", "eval", "test",
        "xargs", "local", "readonly", "declare", "read",
    ]

    /// Whether it is the name of a service that loads rules.
    private static func isFirewall(_ service: String) -> Bool {
        ["iptables", "ip6tables", "nftables", "ufw", "firewalld", "netfilter-persistent", "shorewall"].contains {
            service.hasPrefix($0)
        }
    }

    /// `NAME=value`: without variables in the commands it changes nothing.
    private static func isAssignment(_ word: String) -> Bool {
        guard let equals = word.utf8.firstIndex(of: UInt8(ascii: "=")), equals != word.startIndex else { return false }
        return word[..<equals].allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }

    /// Whether a line that is no command may be a sentence, a prompt, or a title.
    static func looksLikeProse(_ text: String) -> Bool {
        !text.contains("iptables") && !text.contains("ip6tables")
            && !control.contains(String(text.prefix { $0 != " " && $0 != ";" }))
    }
}

/// Splits a line as a shell does, as far as plain commands go.
struct ShellLine {
    private enum Token {
        case word(RuleWord)
        case sign(String, column: Int)
    }

    private let bytes: [UInt8]
    private var at = 0
    private var tokens: [Token] = []

    /// The commands of a line, separated by `;` and `&&`.
    ///
    /// - Throws: for everything that only a shell can do: variables, substitutions, pipes, redirections to files.
    static func commands(_ bytes: [UInt8]) throws(RuleProblem) -> [ShellCommand] {
        var line = ShellLine(bytes: bytes)
        try line.readTokens()
        return try line.commands()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    // MARK: - Tokens

    private mutating func readTokens() throws(RuleProblem) {
        while at < bytes.count {
            let byte = bytes[at]
            if byte == 32 || byte == 9 {
                at += 1
            } else if byte == UInt8(ascii: "#") {
                return
            } else if Self.isSign(byte) {
                readSign()
            } else {
                try readWord()
            }
        }
    }

    private static func isSign(_ byte: UInt8) -> Bool { ";&|<>()".utf8.contains(byte) }

    private mutating func readSign() {
        let start = at
        while at < bytes.count, Self.isSign(bytes[at]), at - start < 2 { at += 1 }
        tokens.append(.sign(String(decoding: bytes[start..<at], as: UTF8.self), column: start + 1))
    }

    private mutating func readWord() throws(RuleProblem) {
        let start = at
        var text: [UInt8] = []
        var isQuoted = false
        while at < bytes.count, bytes[at] != 32, bytes[at] != 9, !Self.isSign(bytes[at]) {
            let byte = bytes[at]
            at += 1
            switch byte {
            case UInt8(ascii: "'"), UInt8(ascii: "\""):
                isQuoted = true
                try readQuoted(byte, &text)
            case UInt8(ascii: "\\"):
                guard at < bytes.count else { break }
                text.append(bytes[at])
                at += 1
            case UInt8(ascii: "$") where at > start + 1 || (at < bytes.count && bytes[at] != 32): throw variable(at)
            case UInt8(ascii: "`"): throw variable(at)
            case UInt8(ascii: "{") where at < bytes.count && bytes[at] != 32:
                throw RuleProblem(.script, "braces are expanded by a shell: write the rules out", column: at)
            default: text.append(byte)
            }
        }
        guard let word = String(validating: text, as: UTF8.self), !text.contains(0) else {
            throw RuleProblem(.syntax, "the word holds bytes that are no UTF-8, or a NUL", column: start + 1)
        }
        tokens.append(.word(RuleWord(word, column: start + 1, isQuoted: isQuoted)))
    }

    private func variable(_ column: Int) -> RuleProblem {
        let name = String(
            decoding: bytes[(column - 1)...].prefix { $0 != 32 && $0 != UInt8(ascii: "\"") }, as: UTF8.self)
        return RuleProblem(.script, "'\(name)' is filled in by a shell: write its value", column: column)
    }

    private mutating func readQuoted(_ quote: UInt8, _ text: inout [UInt8]) throws(RuleProblem) {
        let start = at
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if byte == quote { return }
            if quote == UInt8(ascii: "\"") {
                if byte == UInt8(ascii: "$") || byte == UInt8(ascii: "`") { throw variable(at) }
                if byte == UInt8(ascii: "\\"), at < bytes.count, "\"\\$`".utf8.contains(bytes[at]) {
                    text.append(bytes[at])
                    at += 1
                    continue
                }
            }
            text.append(byte)
        }
        throw RuleProblem(.syntax, "the quote is not closed in this line", column: start)
    }

    // MARK: - Commands

    private func commands() throws(RuleProblem) -> [ShellCommand] {
        var commands: [ShellCommand] = []
        var words: [RuleWord] = []
        var mayFail = false
        var isFallback = false
        var index = 0
        func finish() {
            if !words.isEmpty, !isFallback { commands.append(ShellCommand(words, mayFail: mayFail)) }
            (words, mayFail, isFallback) = ([], false, false)
        }
        while index < tokens.count {
            switch tokens[index] {
            case .word(let word): words.append(word)
            case .sign(";", _), .sign("&&", _), .sign(";;", _): finish()
            case .sign("||", _):
                mayFail = true
                if !isFallback, !words.isEmpty { commands.append(ShellCommand(words, mayFail: true)) }
                (words, isFallback) = ([], true)
            case .sign(let sign, let column):
                index = try skipRedirection(sign, column, index, &words)
                mayFail = true
            }
            if isFallback { try checkFallback(words) }
            index += 1
        }
        finish()
        return commands
    }

    /// `>/dev/null`, `2>/dev/null`, `2>&1`: messages are thrown away.
    private func skipRedirection(
        _ sign: String, _ column: Int, _ index: Int, _ words: inout [RuleWord]
    ) throws(RuleProblem) -> Int {
        if [">", ">>", "&>", ">&"].contains(sign), index + 1 < tokens.count, case .word(let target) = tokens[index + 1],
            target.text == "/dev/null" || (sign == ">&" && target.text == "1")
        {
            if let last = words.last, ["1", "2"].contains(last.text), last.column == column - 1 { words.removeLast() }
            return index + 1
        }
        throw RuleProblem(
            .script, "'\(sign)' is carried out by a shell: write the commands out, one by one", column: column)
    }

    private func checkFallback(_ words: [RuleWord]) throws(RuleProblem) {
        guard let first = words.first, !["true", ":", "echo", "exit"].contains(first.text) else { return }
        throw RuleProblem(
            .script,
            "'\(first.text)' stands behind '||' and runs if the command fails: write the commands out, one by one",
            column: first.column)
    }
}
