using System.Net.Sockets;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Persistence;

public sealed class DatabaseAwayTests
{
    [Theory]
    [InlineData("57P01", true)] // shut down by hand
    [InlineData("57P03", true)] // starting up
    [InlineData("53100", true)] // disk full
    [InlineData("08006", true)] // connection broken
    [InlineData("25006", true)] // a standby that only reads
    [InlineData("40P01", true)] // chosen to end a deadlock
    [InlineData("22021", false)] // text that cannot be stored
    [InlineData("23505", false)] // duplicate
    [InlineData("42P01", false)] // no such table
    public void Refusal_of_the_database_is_worth_another_try_or_not(string state, bool away)
    {
        var refused = new PostgresException("no", "ERROR", "ERROR", state);

        Assert.Equal(away, DatabaseAway.Is(refused));
        Assert.Equal(away, DatabaseAway.Is(new DbUpdateException("not saved", refused)));
    }

    [Fact]
    public void Broken_connection_and_silence_are_worth_another_try()
    {
        Assert.True(DatabaseAway.Is(new NpgsqlException("broken", new IOException("reset"))));
        Assert.True(DatabaseAway.Is(new NpgsqlException("silent", new TimeoutException())));
        Assert.True(DatabaseAway.Is(new InvalidOperationException("likely transient", new SocketException((int)SocketError.ConnectionRefused))));
        Assert.False(DatabaseAway.Is(new InvalidOperationException("wrong")));
        Assert.False(DatabaseAway.Is(new NpgsqlException("wrong")));
    }
}
