namespace LdcLedger.Domain;

/// <summary>
/// Something asked for contradicts the study's rules: a value out of range, an unknown name, a run that is over.
/// The message is one sentence that names the thing, the value and what is allowed. Never retried; the command line ends with code 2.
/// </summary>
public sealed class RuleViolation(string message) : Exception(OneLine.Of(message));
