using LdcLedger.Torch.Inputs;
using Xunit;

namespace LdcLedger.Torch.Tests.Inputs;

public sealed class SharedInputsTests
{
    [Fact]
    public void One_key_is_made_once_for_all_who_use_it()
    {
        using var inputs = new SharedInputs<string, Weights>(idle: 1);
        var made = 0;
        Weights Make() => new(++made);

        using var first = inputs.Borrow("base", Make);
        using var second = inputs.Borrow("base", Make);

        Assert.Same(first.Value, second.Value);
        Assert.Equal(1, made);
    }

    [Fact]
    public void What_lies_unused_longest_goes_first()
    {
        using var inputs = new SharedInputs<string, Weights>(idle: 1);
        var a = inputs.Borrow("a", () => new(1));
        var b = inputs.Borrow("b", () => new(2));
        a.Dispose();
        Assert.False(a.Value.Disposed);

        b.Dispose();

        Assert.True(a.Value.Disposed);
        Assert.False(b.Value.Disposed);
        Assert.Same(b.Value, inputs.Borrow("b", () => new(3)).Value);
    }

    [Fact]
    public void With_one_idle_what_lies_unused_is_gone_before_its_successor_is_made()
    {
        using var inputs = new SharedInputs<string, Weights>(idle: 1);
        var a = inputs.Borrow("a", () => new(1));
        a.Dispose();

        inputs.Borrow("b", () =>
        {
            Assert.True(a.Value.Disposed);
            return new(2);
        }).Dispose();

        Assert.Equal(3, inputs.Borrow("a", () => new(3)).Value.Number);
    }

    [Fact]
    public void What_is_in_use_stays()
    {
        using var inputs = new SharedInputs<string, Weights>(idle: 0);
        var user = inputs.Borrow("a", () => new(1));
        inputs.Borrow("a", () => new(1)).Dispose();

        Assert.False(user.Value.Disposed);
        user.Dispose();
        Assert.True(user.Value.Disposed);
    }

    [Fact]
    public void What_could_not_be_made_is_tried_again()
    {
        using var inputs = new SharedInputs<string, Weights>(idle: 1);

        Assert.Throws<IOException>(() => inputs.Borrow("a", () => throw new IOException("away")));
        Assert.Equal(7, inputs.Borrow("a", () => new(7)).Value.Number);
    }

    private sealed class Weights(int number) : IDisposable
    {
        public int Number { get; } = number;
        public bool Disposed { get; private set; }
        public void Dispose() => Disposed = true;
    }
}
