"""Makes the dumps beside this file, with distilabel 1.5.3.

    python3 -m venv venv && venv/bin/pip install 'distilabel[openai]==1.5.3' requests
    venv/bin/python make_dumps.py
"""

import os
from pathlib import Path
from typing import List

# What a dump says must not depend on the environment of whoever makes it.
for name in list(os.environ):
    if name.endswith("_API_KEY") or name.endswith("_BASE_URL"):
        del os.environ[name]

from distilabel.models import (
    AnyscaleLLM,
    ClientvLLM,
    GroqLLM,
    InferenceEndpointsLLM,
    MistralLLM,
    OpenAILLM,
    TogetherLLM,
    TransformersLLM,
)
from distilabel.pipeline import Pipeline, routing_batch_function, sample_n_steps
from distilabel.steps import (
    CombineOutputs,
    GroupColumns,
    KeepColumns,
    LoadDataFromDicts,
    LoadDataFromFileSystem,
    PushToHub,
    Step,
    StepInput,
    step,
)
from distilabel.steps.tasks import (
    EvolInstruct,
    MagpieGenerator,
    TextGeneration,
    UltraFeedback,
)
from pydantic import BaseModel

folder = Path(__file__).parent


def save(pipeline: Pipeline, name: str, *formats: str) -> None:
    for ending in formats:
        pipeline.save(folder / f"{name}.{ending}", format=ending)


with Pipeline(name="linear", description="Answers to questions.") as linear:
    load = LoadDataFromDicts(name="load", data=[{"instruction": "Why is the sea salty?"}])
    answer = TextGeneration(
        name="answer",
        llm=OpenAILLM(
            model="gpt-4o-mini",
            api_key="not-a-key",
            generation_kwargs={"temperature": 0.7, "max_new_tokens": 512},
        ),
        system_prompt="Answer in one sentence.",
        input_batch_size=10,
    )
    keep = KeepColumns(name="keep", columns=["instruction", "generation", "model_name"])
    load >> answer >> keep
save(linear, "linear", "yaml", "json")


with Pipeline(name="branching") as branching:
    load = LoadDataFromDicts(name="load", data=[{"instruction": "Why is the sea salty?"}])
    answers = [
        TextGeneration(name=f"answer_{number}", llm=OpenAILLM(model=model))
        for number, model in enumerate(["gpt-4o-mini", "gpt-4o", "gpt-4.1-mini"])
    ]
    group = GroupColumns(
        name="group",
        columns=["generation", "model_name"],
        output_columns=["generations", "generation_models"],
    )
    judge = UltraFeedback(
        name="judge",
        llm=OpenAILLM(model="gpt-4o", generation_kwargs={"max_new_tokens": 1024}),
        aspect="instruction-following",
    )
    keep = KeepColumns(
        name="keep",
        columns=["instruction", "generations", "generation_models", "ratings", "rationales"],
    )
    load >> sample_n_steps(2) >> answers >> group >> judge >> keep
save(branching, "branching", "yaml", "json")


# A name that is left out is made of the steps' classes.
with Pipeline() as mapped:
    load = LoadDataFromFileSystem(
        data_files="prompts.jsonl", output_mappings={"prompt": "question"}, batch_size=7
    )
    first = TextGeneration(
        name="first",
        llm=MistralLLM(
            model="mistral-small-latest",
            api_key="not-a-key",
            max_concurrent_requests=8,
            timeout=300,
            generation_kwargs={"temperature": 0.3, "top_p": None},
        ),
        input_mappings={"instruction": "question"},
        output_mappings={"generation": "first_answer", "model_name": "first_model"},
        num_generations=2,
        group_generations=True,
        add_raw_input=False,
    )
    second = TextGeneration(
        name="second",
        llm=TogetherLLM(
            model="meta-llama/Llama-3.3-70B-Instruct-Turbo",
            generation_kwargs={
                "stop": ["###"],
                "frequency_penalty": 0.5,
                "logprobs": False,
                "response_format": {"type": "json_object"},
                "extra_body": {"top_k": 40},
            },
        ),
        template="Answer as JSON: {{ question }} (about {{ topic }})",
        columns=["question", "topic"],
        output_mappings={"generation": "second_answer"},
        add_raw_output=False,
        add_raw_input=False,
    )
    combine = CombineOutputs(name="combine")
    third = TextGeneration(
        name="third",
        llm=ClientvLLM(model="local", base_url="http://127.0.0.1:8000/v1"),
        input_mappings={"instruction": "second_answer"},
        output_mappings={"generation": "third_answer"},
    )
    fourth = TextGeneration(
        name="fourth",
        llm=GroqLLM(model="llama-3.1-8b-instant", generation_kwargs={"seed": 7}),
        input_mappings={"instruction": "third_answer"},
    )
    group = GroupColumns(
        name="group",
        columns=["text", "generation"],
        input_mappings={"text": "third_answer"},
        output_mappings={"grouped_generation": "answers"},
    )
    fifth = TextGeneration(
        name="fifth",
        llm=AnyscaleLLM(model="mistralai/Mistral-7B"),
        input_mappings={"instruction": "third_answer"},
    )
    load >> [first, second] >> combine >> third >> [fourth, fifth] >> group
    # As `pipeline.run(parameters=…)` does.
    first.set_runtime_parameters({"llm": {"generation_kwargs": {"max_new_tokens": 64}}})
save(mapped, "mapped", "yaml")


class Person(BaseModel):
    name: str
    age: int


class Shout(Step):
    loud: bool = True

    @property
    def inputs(self) -> List[str]:
        return ["instruction"]

    @property
    def outputs(self) -> List[str]:
        return ["shout"]

    def process(self, inputs: StepInput):
        yield [{**row, "shout": row["instruction"].upper()} for row in inputs]


@step(inputs=["shout"], outputs=["whisper"])
def Whisper(inputs: StepInput):
    yield [{**row, "whisper": row["shout"].lower()} for row in inputs]


@routing_batch_function()
def first_only(steps: List[str]) -> List[str]:
    return steps[:1]


with Pipeline(name="beyond us: all of it") as beyond:
    magpie = MagpieGenerator(
        name="magpie",
        llm=TransformersLLM(model="org/model", magpie_pre_query_template="llama3"),
        num_rows=10,
        only_instruction=True,
    )
    evolve = EvolInstruct(
        name="evolve",
        llm=OpenAILLM(
            model="gpt-4o",
            default_headers={"X-Team": "data"},
            structured_output={"schema": Person.model_json_schema(), "format": "json"},
            generation_kwargs={"max_new_tokens": 64, "logprobs": True, "top_logprobs": 2},
        ),
        num_evolutions=2,
        mutation_templates={"SHORTER": "Say this in fewer words: <PROMPT>"},
    )
    answer = TextGeneration(
        name="answer",
        llm=OpenAILLM(
            model="gpt-4o",
            default_headers={"X-Team": "data"},
            structured_output={"schema": Person, "format": "json"},
            generation_kwargs={"max_new_tokens": 64, "logprobs": True, "top_logprobs": 2},
        ),
    )
    other = TextGeneration(
        name="other",
        llm=InferenceEndpointsLLM(model_id="org/model", tokenizer_id="org/model", api_key="not-a-key"),
    )
    shout = Shout(name="shout")
    whisper = Whisper(name="whisper")
    push = PushToHub(name="push", repo_id="org/data", token="not-a-token")
    magpie >> first_only >> [evolve, answer, other]
    evolve >> shout >> whisper >> push
save(beyond, "beyond", "yaml")
