namespace LdcLedger.Specs.Plans;

/// <summary>Memory that runs of a study take at a time, at most.</summary>
/// <param name="Runs">Side by side.</param>
/// <param name="Largest">The largest of them by itself: all on llama-3.2-1b.</param>
/// <param name="Bytes">With their bases, and on the CPU with the corpora.</param>
public sealed record MemoryAtATime(int Runs, string Largest, long Bytes);
