using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using LdcLedger.Worker.Journal;

namespace LdcLedger.Cluster.Tests.Journal;

/// <summary>
/// The test program's other life: started with this variable set, it appends 1, 2, 3, ... to the journal that the variable names and
/// prints each number after its append, until it is killed.
/// </summary>
internal static class JournalWriter
{
    public const string Variable = "LDC_TEST_JOURNAL";

#pragma warning disable CA2255 // the tests' own program, not a library
    [ModuleInitializer]
    internal static void WriteForEverWhenAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } path)
            return;
        using var journal = JournalFile.Open(path);
        var output = Console.OpenStandardOutput();
        for (var i = journal.Records.Count + 1; ; i++)
        {
            journal.Append(Record(i));
            output.Write(Encoding.ASCII.GetBytes(i.ToString(CultureInfo.InvariantCulture) + "\n"));
        }
    }
#pragma warning restore CA2255

    public static byte[] Record(int number) =>
        Encoding.ASCII.GetBytes(new string('x', number % 700) + number.ToString(CultureInfo.InvariantCulture));
}
