namespace LdcLedger.Ledger.Views;

/// <summary>How much of a study is read.</summary>
public enum StudyDepth
{
    /// <summary>Its runs, perplexities, and rankings that are kept.</summary>
    Results,

    /// <summary>And its norms, which are most of what it holds.</summary>
    Norms,

    /// <summary>And losses and extensions, which are read from its events.</summary>
    All,
}
