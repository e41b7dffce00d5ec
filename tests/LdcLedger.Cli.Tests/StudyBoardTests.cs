using LdcLedger.Cli.Studies;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Worker.Progress;
using Xunit;

namespace LdcLedger.Cli.Tests;

[Trait("Needs", "nothing")]
public sealed class StudyBoardTests
{
    private static readonly RunPlanned Run = new(
        Guid.Empty, Guid.CreateVersion7(), 1, "all", "tiny-llama", "cpp", "0-7:q_proj", 1, "", "", "", "", LoraSpec.Default,
        DataSpec.Default, TrainingSpec.Default, EvaluationSpec.Default);

    [Fact]
    public void The_loss_of_a_step_and_that_of_a_run_have_two_names()
    {
        Assert.Equal("step loss 3.412  5,120 tokens/s  8 s left",
            StudyBoard.Numbers(new(Run, RunPhase.Training, 3, 9, 3.4123, 5_120, TimeSpan.FromSeconds(8))));
        var board = new StudyBoard(2, [], showSeeds: false, TimeProvider.System);
        var lines = new List<string>();
        board.RunEnded += (line, _) => lines.Add(line);
        board.Tell(new(Run, RunPhase.Training, 9, 9, 3.4123, 5_120));
        board.Tell(new(
            Run, RunPhase.Ended, 9, 9, 3.4123, 5_120, Outcome: RunStatuses.Completed, Perplexity: 29.014,
            Worked: TimeSpan.FromSeconds(61.26), TrainLossNats: 3.4951));

        Assert.Equal(["[1/2] tiny-llama / cpp / all: loss 3.495, PPL 29.01, 5,120 tokens/s, 61.3 s"], lines);
    }
}
