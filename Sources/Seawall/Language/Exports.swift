// A policy imports Seawall alone, and speaks in PacketModel's terms.
@_exported public import PacketModel
