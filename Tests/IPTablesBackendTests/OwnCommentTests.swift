import IPTablesBackend
import Testing

/// Which comments are ours: of a rule that is taken for somebody else's, every apply would leave a copy behind.
@Suite struct OwnCommentTests {
    @Test(arguments: [
        "sw:jump", "sw:abcdefgh", "sw:abcdefghr", "sw:abcdefgh~2", "sw:abcdefghe~12", "sw:abcdefgh reporting",
        "sw:abcdefgh~2 a ~ text",
    ])
    func ours(_ comment: String) { #expect(IPTablesNames.isOwnComment(comment)) }

    @Test(arguments: [
        "", "jump", "sw:", "sw:jumps", "sw:abcdefg", "sw:abcdefghx", "sw:abcdefgh~", "sw:abcdefgh~b", "sw:abcdefghrr",
        "sw:ABCDEFGH", "sw:abc~2", "software", "sw:~2",
    ])
    func others(_ comment: String) { #expect(!IPTablesNames.isOwnComment(comment)) }
}
