internal import ArgumentParser
internal import Compiler

/// Whether rules are turned into fewer and quicker ones.
struct OptimizationOptions: ParsableArguments {
    /// What is counted apart.
    enum Counters: String, ExpressibleByArgument, CaseIterable {
        /// Each rule of the policy.
        case rule
    }

    @Flag(
        help: ArgumentHelp(
            "Write a line for each part of each rule, in the order of the policy, and not sets and maps."))
    var noOptimize = false

    @Option(
        help: ArgumentHelp(
            "Count packets and bytes for each rule of the policy (rule); rules are not merged then.",
            valueName: "what"))
    var counters: Counters?

    /// What the passes have to keep.
    var passes: OptimizeRuleset.Options { OptimizeRuleset.Options(countsRules: counters == .rule) }
}
