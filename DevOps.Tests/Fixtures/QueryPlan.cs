using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DevOps.Tests.Fixtures;

/// <summary>How the database would answer, or did answer, a query of ours.</summary>
public static class QueryPlan
{
    /// <summary>The plan as text.</summary>
    public static Task<string> OfAsync<T>(NpgsqlDataSource database, IQueryable<T> query) => ExplainAsync(database, "EXPLAIN ", query);

    /// <summary>The plan with what each part of it really read.</summary>
    public static Task<string> RunAsync<T>(NpgsqlDataSource database, IQueryable<T> query) => ExplainAsync(database, "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) ", query);

    /// <summary>How many pages a statement touched, those of the functions it calls included. It is executed.</summary>
    public static async Task<int> PagesAsync(NpgsqlConnection connection, string sql)
    {
        await using var explain = new NpgsqlCommand("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) " + sql, connection);
        using var answer = JsonDocument.Parse((string)(await explain.ExecuteScalarAsync())!);
        var plan = answer.RootElement[0].GetProperty("Plan");
        return plan.GetProperty("Shared Hit Blocks").GetInt32() + plan.GetProperty("Shared Read Blocks").GetInt32();
    }

    private static async Task<string> ExplainAsync<T>(NpgsqlDataSource database, string how, IQueryable<T> query)
    {
        await using var explain = database.CreateCommand(how + Literal(query.ToQueryString()));
        await using var reader = await explain.ExecuteReaderAsync();
        var plan = "";
        while (await reader.ReadAsync())
        {
            plan += reader.GetString(0) + "\n";
        }

        return plan;
    }

    // The provider writes parameters as comments before the statement: "-- @actor='lin'".
    private static string Literal(string query)
    {
        var lines = query.Split('\n');
        var statement = string.Join('\n', lines.Where(l => !l.StartsWith("--", StringComparison.Ordinal)));
        foreach (var parameter in lines.Where(l => l.StartsWith("-- @", StringComparison.Ordinal)))
        {
            var (name, value) = (parameter[3..parameter.IndexOf('=', StringComparison.Ordinal)], parameter[(parameter.IndexOf('=', StringComparison.Ordinal) + 1)..].Split(" (")[0].Trim());
            statement = statement.Replace(name, value, StringComparison.Ordinal);
        }

        return statement;
    }
}
