namespace LdcLedger.Specs;

/// <summary>One thing wrong with a spec file. Lines and columns count from 1; 0 = the file as a whole.</summary>
public sealed record SpecFinding(int Line, int Column, string Message)
{
    /// <summary>One line, whatever it quotes.</summary>
    public string Message { get; } = OneLine.Of(Message);
}

/// <summary>A spec file cannot be used; every finding that reading it brought up, in the order of the file.</summary>
public sealed class InvalidSpecException(string path, IReadOnlyList<SpecFinding> findings) : Exception(Text(path, findings))
{
    public IReadOnlyList<SpecFinding> Findings { get; } = findings;

    /// <summary>One line per finding, as compilers write them: <c>study.yaml:12:3: message</c>.</summary>
    private static string Text(string path, IReadOnlyList<SpecFinding> findings) =>
        string.Join('\n', findings.Select(f => f.Line == 0 ? $"{path}: {f.Message}" : $"{path}:{f.Line}:{f.Column}: {f.Message}"));
}
