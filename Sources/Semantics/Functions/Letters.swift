internal import FirewallIR

/// The letters of what happens on a packet's way: guards that are asked, by their numbers, and effects behind them.
struct Letters {
    private var numbers: [Effect: Int32] = [:]
    private(set) var effects: [Effect] = []
    /// How many guards there are.
    let guardCount: Int

    init(guardCount: Int) { self.guardCount = guardCount }

    /// The letter of a guard that is asked.
    static func asked(_ number: Int) -> Int32 { Int32(number) }

    /// The letter of an effect.
    mutating func letter(_ effect: Effect) -> Int32 {
        if let number = numbers[effect] { return number }
        let number = Int32(guardCount + effects.count)
        effects.append(effect)
        numbers[effect] = number
        return number
    }

    /// The guard that a letter stands for.
    func guardNumber(_ letter: Int32) -> Int? { letter >= 0 && letter < guardCount ? Int(letter) : nil }

    /// The letter for "this rule matched, and went on", where rules are named.
    static func reached(_ rule: Int) -> Int32 { -1 - Int32(rule) }

    /// The rule that a letter stands for.
    static func reachedRule(_ letter: Int32) -> Int? { letter < 0 ? Int(-1 - letter) : nil }
}
