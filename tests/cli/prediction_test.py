"""What csim foresees from one execution: each prediction comes true in a run, none is made of what cannot happen."""
import csim_run

HIDDEN = csim_run.program("hidden_races.cpp")


class Prediction(csim_run.Case):
    def names(self):
        outcomes = self.explore(HIDDEN, "--strategy", "round-robin", "--outcomes").json["outcomes"]
        names = outcomes[0]["output"].split()
        self.assertGreaterEqual(len(names), 40)
        return names

    def test_hidden_races_and_deadlocks(self):
        hidden = 0
        for name in self.names():
            with self.subTest(name):
                foreseen = self.explore(HIDDEN, "--strategy", "predict", "--", name).json
                complete = self.explore(HIDDEN, "--strategy", "dpor", "--", name).json
                self.assertEqual(foreseen.get("information", []), [], "predictions that did not come true")
                if name.startswith("no-"):
                    self.assertEqual((complete["verdict"], foreseen["verdict"]), ("clean", "bounded"))
                    continue
                hidden += 1
                self.assertEqual((complete["verdict"], foreseen["verdict"]), ("bug", "bug"))
                finding = foreseen["findings"][0]
                # The first execution did not have it: a later one, run as predicted, has.
                self.assertTrue(finding["predicted"] and finding["confirmed"], finding)
                self.assertGreater(finding["execution"], 1)
                self.assertEqual(finding["kind"], "deadlock" if name.startswith("deadlock") else "data-race")
                self.assertIn(finding["kind"], [f["kind"] for f in complete["findings"]])
        self.assertGreaterEqual(hidden, 34)

    def test_auto_begins_with_it(self):
        found = self.explore(HIDDEN, "--", "reversed-write", code=csim_run.BUG).json
        self.assertTrue(found["findings"][0]["predicted"])
        # Without it the same bug is found by the search.
        found = self.explore(HIDDEN, "--no-predict", "--", "reversed-write", code=csim_run.BUG).json
        self.assertNotIn("predicted", found["findings"][0])

    def test_a_question_over_its_budget_is_named(self):
        found = self.explore(HIDDEN, "--strategy", "predict", "--predict-budget", 1, "--", "reversed-write",
                             code=csim_run.BOUNDED).json
        note = found["information"][0]
        self.assertEqual((note["kind"], note["confirmed"]), ("data-race", False))
        self.assertIn("ran out of its budget", note["reason"])
        # The search that follows finds it, so nothing is left to say about the prediction.
        found = self.explore(HIDDEN, "--predict-budget", 1, "--", "reversed-write", code=csim_run.BUG).json
        self.assertNotIn("information", found)

    def test_a_prediction_replays(self):
        found = self.explore(HIDDEN, "--", "deadlock-three", code=csim_run.BUG).json
        run = self.csim("replay", found["findings"][0]["trace"], "--repeat", 20)
        self.assertEqual(run.code, csim_run.BUG, run)

    def test_a_cycle_without_a_deadlock_is_not_reported(self):
        for name in ["no-gate", "no-cycle-in-one"]:
            found = self.explore(HIDDEN, "--", name, code=csim_run.CLEAN).json
            self.assertEqual(found["findings"], [])
            self.assertNotIn("information", found)


if __name__ == "__main__":
    csim_run.main()
