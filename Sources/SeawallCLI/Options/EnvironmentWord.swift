internal import Glibc

/// A word that names a variable of the environment, or gives one.
enum EnvironmentWord {
    /// The name and value of `NAME=VALUE`, or of `NAME` as it is in the environment; `nil` if it is not set.
    static func read(_ word: String) -> (String, String)? {
        if let sign = word.firstIndex(of: "=") {
            return (String(word[..<sign]), String(word[word.index(after: sign)...]))
        }
        return getenv(word).map { (word, String(cString: $0)) }
    }
}
