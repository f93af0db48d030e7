package import Diagnostics
internal import FirewallIR
internal import PacketModel

extension Explanation {
    /// The rules that were asked, a line each.
    ///
    /// - Parameters:
    ///   - matchedOnly: leaves out the rules that did not match.
    ///   - place: the place of a rule as the user would write it.
    /// - Returns: lines such as `no   Policy.swift:9  [abc12345]  destination port dialled is 8080, the rule wants 443`.
    package func lines(matchedOnly: Bool = false, place: (SourceLocation) -> SourceLocation = { $0 }) -> [String] {
        let steps = matchedOnly ? evaluation.steps.filter { $0.meeting == .matched } : evaluation.steps
        let places = steps.map { "\(place($0.rule.origin))" }
        let width = places.map(\.count).max() ?? 0
        return zip(steps, places).map { step, place in
            let padding = String(repeating: " ", count: width - place.count)
            return "\(step.mark(of: step.meeting))\(place)\(padding)  [\(step.rule.id)]  \(outcome(step))"
        }
    }

    /// What a rule did, or why it did nothing.
    package func outcome(_ step: Evaluation.Step) -> String {
        let reasons = reasons(step).map(\.text)
        if reasons.isEmpty {
            let verdict = step.rule.verdict.words(at: evaluation.hook)
            return (step.rule.effects.map(\.words) + [verdict]).joined(separator: ", ")
        }
        let shown = reasons.prefix(3).joined(separator: "; ")
        return reasons.count > 3 ? "\(shown); and \(reasons.count - 3) alternatives more" : shown
    }

    /// What was done to the packet and for it besides the verdict: guards that were asked, log lines, marks.
    ///
    /// - Parameter place: the place of a rule as the user would write it.
    /// - Returns: lines such as `asks limit 10/minute burst 5, logs "seawall: " at Policy.swift:12 [abc12345]`.
    package func doings(place: (SourceLocation) -> SourceLocation = { $0 }) -> [String] {
        evaluation.steps.compactMap { step in
            let doings = step.doings
            return doings.isEmpty
                ? nil : "\(doings.joined(separator: ", ")) at \(place(step.rule.origin)) [\(step.rule.id)]"
        }
    }

    /// The verdict, and where it was decided.
    ///
    /// - Parameter place: the place of a rule as the user would write it.
    /// - Returns: a line such as `dropped by Policy.swift:12 [abc12345]`.
    package func conclusion(place: (SourceLocation) -> SourceLocation = { $0 }) -> String {
        let verdict = evaluation.verdict.text(at: evaluation.hook)
        guard let rule = evaluation.decidedBy else {
            return evaluation.hook == .containers && evaluation.verdict == .leave
                ? "\(verdict): no rule decided" : "\(verdict): no rule decided, so the policy holds"
        }
        let comment = rule.comment.map { " \"\($0)\"" } ?? ""
        return "\(verdict) by \(place(rule.origin)) [\(rule.id)]\(comment)"
    }
}

extension Evaluation.Step {
    fileprivate func mark(of meeting: Evaluation.Meeting) -> String { meeting == .matched ? "yes  " : "no   " }

    /// The guards that the rule asked, and what it did then.
    fileprivate var doings: [String] {
        let asked = rule.allGuards.prefix(guardsAsked).map { "asks \($0.text)" }
        return switch meeting {
        case .outside, .failed: asked
        case .refused: asked.dropLast() + asked.suffix(1).map { "\($0), which refuses" }
        case .matched: asked + rule.effects.filter { $0 != .count }.map(\.words)
        }
    }
}

extension Effect {
    /// What is done, as a verb.
    fileprivate var words: String {
        switch self {
        case .netlinkLog(let log): "logs to group \(log.group)"
        case .connectionMark: "does \(text)"
        case .module(let name, _): "does \(name)"
        case .log(let prefix, _, _): "logs \"\(prefix)\""
        case .setMark(let value, let mask): "sets mark \(hexadecimal(value))/\(hexadecimal(mask))"
        case .count: "counts it"
        }
    }
}

extension Verdict {
    /// What becomes of the packet, as a verb.
    fileprivate func words(at hook: Scope.Hook) -> String {
        switch self {
        case .next: "goes on to the next rule"
        case .leave: hook == .containers ? "hands it on to Docker" : "accepts it in this base chain"
        case .accept: "accepts it"
        case .drop: "drops it"
        case .reject(let kind): "rejects it with \(kind.rawValue)"
        case .queue(let target): "hands it to \(target.words)"
        case .jump(let name): "asks chain \(name)"
        case .goto(let name): "goes to chain \(name)"
        case .return: "goes back to the chain before"
        }
    }
}
